import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../failure.ts'
import { ownEnvironment, parameterEnvironment } from './environment.ts'
import { readOutput } from './output-file.ts'
import type { CommandExecutor } from './task-command.ts'
import { workplace } from './workplace.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'

/** Names the file into which a script may write parameters for later tasks, as a JSON object. */
const outputVariable = 'SUIRO_OUTPUT'

/** `sh>` runs a shell script in the project's folder. */
export const createSh = (executor: CommandExecutor): BuiltIn<'sh'> =>
  builtIn('sh', async (context) => {
    const { secrets, print, signal } = context
    const config = context.config.withDefaults('sh')
    const script = await secrets.expand(config.string('_command'))
    const shell = config.strings('shell')
    const place = await workplace(context, config, 'sh')
    const file = join(place.scratch, 'runner.sh')
    const output = join(place.scratch, 'output.json')
    await writeFile(file, script, { mode: 0o600 })
    const code = await executor.run({
      ...place,
      command: [...(shell.length === 0 ? ['/bin/sh'] : shell), file],
      env: {
        ...parameterEnvironment(context),
        [outputVariable]: output,
        ...(await ownEnvironment({ config, secrets })),
      },
      onOutput: print,
      signal,
    })
    if (code !== 0) throw new OperatorError(`Command failed with code ${code}`)
    const written = await readOutput(output)
    if (written.kind === 'broken') {
      throw new OperatorError(
        `What the command wrote to $${outputVariable} cannot be stored: ${written.why}. Write an object, for example {"rows": 3}`,
      )
    }
    return written.kind === 'object' ? { stored: written.value } : {}
  })
