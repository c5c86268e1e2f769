import { OperatorError } from '../failure.ts'
import { commandFailure } from './command-failure.ts'
import { ownEnvironment, parameterEnvironment } from './environment.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import type { CommandExecutor } from './place.ts'
import { outputName, placeRequest, runInPlace } from './run-in-place.ts'

/** Names the file into which a script may write parameters for later tasks, as a JSON object. */
const outputVariable = 'SUIRO_OUTPUT'

/** `sh>` runs a shell script in the project's folder. */
export const createSh = (executor: CommandExecutor): BuiltIn<'sh'> =>
  builtIn('sh', async (context) => {
    const { secrets } = context
    const config = context.config.withDefaults('sh')
    const script = await secrets.expand(config.string('_command'))
    const shell = config.strings('shell')
    const parameters = parameterEnvironment(context)
    const own = await ownEnvironment({ config, secrets })
    const end = await runInPlace(executor, placeRequest(context, config, 'sh'), async (place) => ({
      command: [
        ...(shell.length === 0 ? ['/bin/sh'] : shell),
        await place.put('runner.sh', script),
      ],
      env: { ...parameters, [outputVariable]: place.output(outputName), ...own },
    }))
    if (end.code !== 0) throw commandFailure(end, context.mask)
    const { output } = end
    if (output.kind === 'broken') {
      throw new OperatorError(
        `What the command wrote to $${outputVariable} cannot be stored: ${output.why}. Write an object, for example {"rows": 3}`,
      )
    }
    return output.kind === 'object' ? { stored: output.value } : {}
  })
