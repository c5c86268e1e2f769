import { bodyWith, checkCount, groupOf } from './body.ts'
import { builtIn } from '../task/built-in.ts'

/** `loop>: n` runs `_do` n times, with the variable `i`. */
export const loop = builtIn('loop', async ({ config }) => {
  const body = config.object('_do')
  const count = config.optionalInteger('count') ?? config.integer('_command')
  checkCount(count, 'loop')
  const rounds = Array.from({ length: Math.max(count, 0) }, (_, i) => i)
  const tasks = Object.fromEntries(rounds.map((i) => [`+loop-${i}`, bodyWith(body, { i })]))
  return { subtasks: groupOf(tasks, config) }
})
