import { isAlias, isScalar, type Pair } from 'yaml'
import { isObject, numericOf, textOf, type Json } from '../../domain/json.ts'
import { refuse, type Conversion, type Reported } from './conversion.ts'
import { typedScalar } from './scalar.ts'

/** A key as text: Digdag reads it as any value first, so `010` is the key "8". */
export function keyText(at: Conversion, { key, value: beside }: Pair): string | Reported {
  const node = isAlias(key) ? at.aliases.get(key) : key
  if (isScalar(node) && node.type === 'PLAIN' && node.tag === undefined) {
    const text = typeof node.value === 'string' ? node.value : ''
    const typed = typedScalar(text)
    if (typed === null) return refuseNull(at, key ?? beside)
    // A float's text depends on who writes it, so as a key it stays as it was written.
    return numericOf(typed) !== undefined && /[.eE]/.test(textOf(typed)) ? text : textOf(typed)
  }
  const value = at.convert(key)
  if (value === undefined) return undefined
  return value === null ? refuseNull(at, key ?? beside) : javaText(value)
}

const refuseNull = (at: Conversion, node: unknown): Reported =>
  refuse(
    at,
    node,
    'KEY',
    'Null key for a Map not allowed in JSON',
    'Write a name before the colon; quote it if the text "null" or "~" is meant.',
  )

/** A list or a mapping as a key, as Java prints them: `[a, b]`, `{a=1}`. */
function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (!isObject(value)) return textOf(value)
  const pairs = Object.entries(value).map(([key, item]) => `${key}=${javaText(item)}`)
  return `{${pairs.join(', ')}}`
}
