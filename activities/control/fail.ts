import { OperatorError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'

/** `fail>: message` fails with that message. */
export const fail: Operator = {
  name: 'fail',
  secrets: [],
  retries: false,
  async run({ config }) {
    throw new OperatorError(config.string('_command'), { kind: 'plain' })
  },
}
