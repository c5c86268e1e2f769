import { fileURLToPath } from 'node:url'
import { ownEnvironment, parameterEnvironment } from './environment.ts'
import type { CommandExecutor } from './place.ts'
import { interpreterOption, runScript } from './run-script.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'

const runner = fileURLToPath(new URL('./runner.rb', import.meta.url))

/** `rb>` calls a method of the project's Ruby files, parameters bound by name. */
export const createRb = (executor: CommandExecutor): BuiltIn<'rb'> =>
  builtIn('rb', async (context) => {
    const config = context.config.withDefaults('rb')
    const env = {
      // Digdag's manual has Bundler configured by `_export: {BUNDLE_GEMFILE: …}`.
      ...parameterEnvironment(context),
      ...(await ownEnvironment({ config, secrets: context.secrets })),
    }
    const ruby = interpreterOption(config, 'ruby') ?? ['ruby']
    const feature = config.optionalString('require')
    return runScript(context, executor, {
      ...{ language: 'Ruby', operator: 'rb', config, env, runner },
      interpreter: async ({ cwd }) => [
        ...[...ruby, '-I', cwd],
        ...(feature === undefined ? [] : ['-r', feature]),
        '--',
      ],
      advice: 'Install Ruby 3 or newer on it, or name another program in "ruby:"',
    })
  })
