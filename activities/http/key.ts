import type { KeyOf } from '../task/built-in.ts'

/** Parameters that both `http>` and `http_call>` may read. */
export type WebKey = KeyOf<'http' | 'http_call'>
