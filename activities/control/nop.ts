import { builtIn } from '../task/built-in.ts'

/** `nop>:` does nothing. */
export const nop = builtIn('nop', async () => ({}))
