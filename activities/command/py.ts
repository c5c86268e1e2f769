import { fileURLToPath } from 'node:url'
import { ownEnvironment, type Environment } from './environment.ts'
import type { CommandExecutor } from './place.ts'
import { interpreterOption, runScript } from './run-script.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'

const runner = fileURLToPath(new URL('./runner.py', import.meta.url))

/** `py>` calls a function of the project's Python files, parameters bound by name. */
export const createPy = (executor: CommandExecutor): BuiltIn<'py'> =>
  builtIn('py', async (context) => {
    const config = context.config.withDefaults('py')
    const env: Environment = {
      // Output appears as it is printed, and no byte code is left in the project.
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONIOENCODING: 'utf-8',
      ...(await ownEnvironment({ config, secrets: context.secrets })),
    }
    return runScript(context, executor, {
      ...{ language: 'Python', operator: 'py', config, env, runner },
      // Digdag's default is `python`; many systems have only `python3` by name.
      interpreter: async (place) =>
        interpreterOption(config, 'python') ?? place.firstOf(['python', 'python3'], env),
      advice: 'Install Python 3.8 or newer on it, or name another program in "python:"',
    })
  })
