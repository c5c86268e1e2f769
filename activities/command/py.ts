import { fileURLToPath } from 'node:url'
import { ownEnvironment, type Environment } from './environment.ts'
import { interpreterOption, runScript } from './run-script.ts'
import type { CommandExecutor, TaskCommand } from './task-command.ts'
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
      interpreter: async (_, container) =>
        interpreterOption(config, 'python') ?? (await installed(executor, env, container)),
      advice: 'Install Python 3.8 or newer on it, or name another program in "python:"',
    })
  })

/** Digdag's default is `python`; many systems have only `python3` by name. */
async function installed(
  executor: CommandExecutor,
  env: Environment,
  container: TaskCommand['container'],
): Promise<readonly string[]> {
  const found = await executor.find(['python', 'python3'], { env, container })
  if (found !== undefined) return [found]
  if (container === undefined) return ['python3']
  // What a container holds is seen inside only.
  const choice = 'if command -v python > /dev/null; then exec python "$@"; fi; exec python3 "$@"'
  return ['/bin/sh', '-c', choice, 'sh']
}
