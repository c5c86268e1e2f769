import { configError } from '../failure.ts'
import { builtIn } from '../task/built-in.ts'
import { createConfig, type Config } from '../task/config.ts'
import { bodyWith, checkCount, groupOf } from './body.ts'

/** `for_range>: {from, to, step}` runs `_do` for each piece of a range of whole numbers. */
export const forRange = builtIn('for_range', async ({ config }) => {
  const body = config.object('_do')
  const range = createConfig(config.object('_command'), new Set())
  const from = range.integer('from')
  const to = range.integer('to')
  const step = stepOf(range, to - from)
  const count = Math.max(Math.ceil((to - from) / step), 0)
  checkCount(count, 'for_range')

  const pieces = Array.from({ length: count }, (_, index) => {
    const start = from + index * step
    return { from: start, to: Math.min(start + step, to), index }
  })
  const tasks = Object.fromEntries(
    pieces.map((piece) => [
      `+range-from=${piece.from}&to=${piece.to}`,
      bodyWith(body, { range: piece }),
    ]),
  )
  return { subtasks: groupOf(tasks, config) }
})

function stepOf(range: Config, length: number): number {
  const step = range.optionalInteger('step')
  const slices = range.optionalInteger('slices')
  if (step !== undefined && slices !== undefined) {
    throw configError('Setting both step and slices options to for_range is invalid')
  }
  if (step !== undefined) return atLeastOne('step', step)
  if (slices === undefined) throw configError('step or slices option is required for for_range')
  return Math.max(Math.ceil(length / atLeastOne('slices', slices)), 1)
}

function atLeastOne(option: string, value: number): number {
  if (value > 0) return value
  throw configError(`${option} option must be same or greater than 1 but got ${value}`)
}
