import { fileURLToPath } from 'node:url'
import type { Operator } from '../task/operator.ts'
import { inheritedEnvironment, ownEnvironment, type Environment } from './environment.ts'
import { findProgram } from './process.ts'
import { interpreterOption, runScript } from './run-script.ts'

const runner = fileURLToPath(new URL('./runner.py', import.meta.url))

/** `py>` calls a function of the project's Python files, parameters bound by name. */
export const createPy = (): Operator => ({
  name: 'py',
  // `${secret:key}` in `_env` may name any of the project's secrets.
  secrets: ['*'],
  retries: true,
  async run(context) {
    const config = context.config.withDefaults('py')
    const env: Environment = {
      // Output appears as it is printed, and no byte code is left in the project.
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONIOENCODING: 'utf-8',
      ...inheritedEnvironment(),
      ...(await ownEnvironment({ config, secrets: context.secrets })),
    }
    const python = interpreterOption(config, 'python') ?? [await installedPython(env['PATH'])]
    const interpreter = (): readonly string[] => python
    return runScript(context, {
      ...{ language: 'Python', operator: 'py', config, env, interpreter, runner },
    })
  },
})

/** Digdag's default is `python`; many systems have only `python3` by name. */
const installedPython = async (path: string | undefined): Promise<string> =>
  (await findProgram('python', path)) === undefined ? 'python3' : 'python'
