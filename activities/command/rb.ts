import { fileURLToPath } from 'node:url'
import type { Operator } from '../task/operator.ts'
import { inheritedEnvironment, ownEnvironment, parameterEnvironment } from './environment.ts'
import { interpreterOption, runScript } from './run-script.ts'

const runner = fileURLToPath(new URL('./runner.rb', import.meta.url))

/** `rb>` calls a method of the project's Ruby files, parameters bound by name. */
export const createRb = (): Operator => ({
  name: 'rb',
  // `${secret:key}` in `_env` may name any of the project's secrets.
  secrets: ['*'],
  retries: true,
  async run(context) {
    const config = context.config.withDefaults('rb')
    const env = {
      ...inheritedEnvironment(),
      // Digdag's manual has Bundler configured by `_export: {BUNDLE_GEMFILE: …}`.
      ...parameterEnvironment(context),
      ...(await ownEnvironment({ config, secrets: context.secrets })),
    }
    const ruby = interpreterOption(config, 'ruby') ?? ['ruby']
    const feature = config.optionalString('require')
    const interpreter = (cwd: string): readonly string[] => [
      ...[...ruby, '-I', cwd],
      ...(feature === undefined ? [] : ['-r', feature]),
      '--',
    ]
    return runScript(context, {
      ...{ language: 'Ruby', operator: 'rb', config, env, interpreter, runner },
    })
  },
})
