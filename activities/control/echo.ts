import type { Operator } from '../task/operator.ts'

/** `echo>: text` prints a text to the task's log. */
export const echo: Operator = {
  name: 'echo',
  secrets: [],
  retries: false,
  async run({ config, print }) {
    await print(`${config.string('_command')}\n`)
    return {}
  },
}
