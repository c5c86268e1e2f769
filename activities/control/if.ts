import { configError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'
import { groupOf } from './body.ts'

/** `if>: condition` runs `_do`, or else `_else_do`. */
export const ifOperator: Operator = {
  name: 'if',
  secrets: [],
  retries: false,
  async run({ config }) {
    const condition = config.boolean('_command')
    const body = config.optionalObject('_do')
    const otherwise = config.optionalObject('_else_do')
    if (body === undefined && otherwise === undefined) {
      throw configError('Both _do and _else_do are not specified.')
    }
    const taken = condition ? body : otherwise
    return taken === undefined ? {} : { subtasks: groupOf(taken, config) }
  },
}
