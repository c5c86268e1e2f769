import path from 'node:path'
import { stringify } from 'yaml'
import { configError } from '../failure.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext } from '../task/operator.ts'
import { yamlOf } from '../yaml-of.ts'
import { commandFailure } from './command-failure.ts'
import { ownEnvironment } from './environment.ts'
import type { CommandExecutor } from './place.ts'
import { placeRequest, runInPlace } from './run-in-place.ts'

/** What Embulk and its Java are configured by on a worker. */
const ofEmbulk = ['JAVA_HOME', 'JAVA_TOOL_OPTIONS', 'EMBULK_HOME', 'EMBULK_JAVA_OPTIONS']

/** `embulk>` runs Embulk with a file of the project, or with what is below `config`. */
export const createEmbulk = (executor: CommandExecutor): BuiltIn<'embulk'> =>
  builtIn('embulk', async (context) => {
    const config = context.config.withDefaults('embulk')
    const { secrets } = context
    const text = await secrets.expand(await configuration(context, config))
    const java = config.strings('jvm_options').map((option) => `-J${option}`)
    const env = await ownEnvironment({ config, secrets })
    const end = await runInPlace(
      executor,
      placeRequest(context, config, 'embulk'),
      async (place) => ({
        // Embulk takes what ends in .liquid for a template of its own.
        command: ['embulk', ...java, 'run', await place.put('config.yml', text)],
        env,
        inherit: ofEmbulk,
        advice:
          'Install Embulk (https://www.embulk.org) and put it on the PATH of the worker, or give the task an image that has it (docker: {image: …})',
      }),
    )
    if (end.code !== 0) throw commandFailure(end, context.mask)
    return {}
  })

/** The YAML that Embulk gets, its `${…}` evaluated. */
async function configuration(context: OperatorContext, config: Config): Promise<string> {
  const file = config.optionalString('_command')
  if (file !== undefined) {
    const place = path.posix.join(config.optionalString('_workdir') ?? '', file)
    return context.render(await context.project.text(place))
  }
  const inline = config.optionalObject('config')
  if (inline === undefined) {
    throw configError(
      'Parameter \'config\' is required but not set: embulk> needs a file of the project ("embulk>: load.yml") or its configuration below "config:"',
    )
  }
  return stringify(yamlOf(inline))
}
