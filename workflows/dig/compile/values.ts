import { numericOf, type Json } from '../../domain/json.ts'
import { excerpt } from '../../domain/cut.ts'

/** A value as Digdag reads a boolean (docs/language.md#typed-options); undefined when it is none. */
export function readBoolean(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  const number = numericOf(value)
  if (number !== undefined) return number !== 0
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (text === 'true' || text === 'True') return true
  return text === 'false' || text === 'False' || text === '' ? false : undefined
}

/** Whether something in it is evaluated only when the task runs. */
export const isEvaluatedLater = (value: Json | undefined): boolean =>
  JSON.stringify(value ?? null).includes('${')

/** A value for a message: as JSON, and not endless. */
export const sample = (value: Json | undefined): string =>
  excerpt(JSON.stringify(value ?? null), 300)
