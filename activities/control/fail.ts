import { OperatorError } from '../failure.ts'
import { builtIn } from '../task/built-in.ts'

/** `fail>: message` fails with that message. */
export const fail = builtIn('fail', async ({ config }) => {
  throw new OperatorError(config.string('_command'), { kind: 'plain' })
})
