import { builtIn } from '../task/built-in.ts'

/** `echo>: text` prints a text to the task's log. */
export const echo = builtIn('echo', async ({ config, print }) => {
  await print(`${config.string('_command')}\n`)
  return {}
})
