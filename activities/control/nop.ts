import type { Operator } from '../task/operator.ts'

/** `nop>:` does nothing. */
export const nop: Operator = {
  name: 'nop',
  secrets: [],
  retries: false,
  run: async () => ({}),
}
