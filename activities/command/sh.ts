import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'
import { inheritedEnvironment, ownEnvironment, parameterEnvironment } from './environment.ts'
import { runCommand } from './process.ts'
import { workplace } from './workplace.ts'

/** `sh>` runs a shell script in the project's folder. */
export const createSh = (): Operator => ({
  name: 'sh',
  // `${secret:key}` may name any of the project's secrets.
  secrets: ['*'],
  retries: true,
  async run(context) {
    const { secrets, log, signal } = context
    const config = context.config.withDefaults('sh')
    const script = await secrets.expand(config.string('_command'))
    const shell = config.strings('shell')
    const env = {
      ...inheritedEnvironment(),
      ...parameterEnvironment(context),
      ...(await ownEnvironment({ config, secrets })),
    }
    const { cwd, scratch } = await workplace(context, 'sh')
    const file = join(scratch, 'runner.sh')
    await writeFile(file, script, { mode: 0o600 })
    const command = [...(shell.length === 0 ? ['/bin/sh'] : shell), file]
    const code = await runCommand({ command, cwd, env, onOutput: log, signal })
    if (code !== 0) throw new OperatorError(`Command failed with code ${code}`)
    return {}
  },
})
