import { configError } from '../failure.ts'
import { builtIn } from '../task/built-in.ts'

/**
 * `if>: condition` runs `_do`, or else `_else_do`. Unlike a loop it has one body, so that `_parallel` beside it says
 * nothing, as in Digdag: what is to run in parallel says so in the body.
 */
export const ifOperator = builtIn('if', async ({ config }) => {
  const condition = config.boolean('_command')
  const body = config.optionalObject('_do')
  const otherwise = config.optionalObject('_else_do')
  if (body === undefined && otherwise === undefined) {
    throw configError('Both _do and _else_do are not specified.')
  }
  const taken = condition ? body : otherwise
  return taken === undefined ? {} : { subtasks: taken }
})
