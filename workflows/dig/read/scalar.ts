import { numberOf, type ExactNumber } from '../../domain/exact-number.ts'
import { numericOf, textOf } from '../../domain/json.ts'

const integer = /^[-+]?(?:0|[1-9][0-9_]*)$/
const octal = /^[-+]?0[0-7_]+$/
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/
const binary = /^[-+]?0b[01_]+$/
// Digdag's pattern knows no float that begins with "0.", so 0.5 is a text (docs/language.md#scalars).
const float =
  /^[-+]?(?:[1-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[1-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?)$/
const writtenFloat = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/
const zeroFloat = /^[-+]?0\.[0-9]*$/

type Scalar = string | number | ExactNumber | boolean | null

/** What Digdag makes of a plain (unquoted) scalar: few types, everything else stays text. */
export function typedScalar(text: string): Scalar {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return null
  if (/^[tT]rue$/.test(text)) return true
  if (/^[fF]alse$/.test(text)) return false
  const digits = text.replaceAll('_', '')
  if (integer.test(text)) return whole(digits, text)
  if (octal.test(text)) return whole(digits.replace(/0/, '0o'), text)
  if (hexadecimal.test(text) || binary.test(text)) return whole(digits, text)
  if (float.test(text)) return real(digits) ?? text
  return text
}

/** A float, also where nothing is behind its point; undefined when it is larger than any. */
function real(digits: string): number | ExactNumber | undefined {
  if (!Number.isFinite(Number(digits))) return undefined
  // As JSON writes it: no plus, no zeros in front, digits on both sides of the point.
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^[+]?(-?)0*(\d*)\.?(\d*)(.*)$/.exec(digits) ?? []
  return numberOf(`${sign}${whole || '0'}.${fraction || '0'}${exponent}`)
}

function whole(digits: string, text: string): number | ExactNumber | string {
  const [, sign = '', bare = ''] = /^([-+]?)(.*)$/.exec(digits) ?? []
  // "0x_" has the shape of a number, but nothing is left without its underscores.
  if (/^0[box]?$/.test(bare)) return bare === '0' || bare === '0o' ? 0 : text
  const value = BigInt(bare)
  const signed = sign === '-' ? -value : value
  return numberOf(String(signed))
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
  ['true', true],
  ['false', false],
  ['on', true],
  ['off', false],
])

/** A scalar with one of YAML's own tags; undefined when its text is not of that type. */
export function taggedScalar(
  type: 'str' | 'int' | 'float' | 'bool' | 'null',
  text: string,
): Scalar | undefined {
  switch (type) {
    case 'str':
      return text
    case 'null':
      return null
    case 'bool':
      return booleans.get(text.toLowerCase())
    case 'int': {
      const value = typedScalar(text)
      return numericOf(value) !== undefined && /^-?\d+$/.test(textOf(value)) ? value : undefined
    }
    case 'float': {
      const digits = text.replaceAll('_', '').trim()
      return writtenFloat.test(digits) ? real(digits) : undefined
    }
  }
}

/** Why what Digdag makes of a plain scalar surprises most authors, and what to write; rarely anything. */
export function surprise(text: string): readonly [message: string, advice: string] | undefined {
  const value = typedScalar(text)
  if (zeroFloat.test(text)) {
    return [
      `${text} is read as a text, not as a number`,
      `Quote it to make that clear; where an expression calculates with it, write \${Number(name)}.`,
    ]
  }
  if (text === 'TRUE' || text === 'FALSE') {
    return [`${text} is read as a text`, `Write ${text.toLowerCase()}, or quote it.`]
  }
  if (octal.test(text) && textOf(value) !== text) {
    return [
      `${text} is read as the number ${textOf(value)}, in base 8`,
      `Write ${textOf(value)}, or quote it if its digits are meant.`,
    ]
  }
  return surprisingNumber(text, value)
}

function surprisingNumber(text: string, value: Scalar) {
  const number = numericOf(value)
  if (number === undefined || !/^[-+]?[1-9][0-9]*(?:\.[0-9]*)?$/.test(text)) return undefined
  const written = text.replace('+', '')
  const advice = 'Quote it if the digits are meant.'
  if (textOf(value) !== written) {
    return [`${text} is read as the number ${textOf(value)}`, advice] as const
  }
  if (String(number) !== written) {
    return [`${text} is a number, which an expression writes as ${number}`, advice] as const
  }
  return undefined
}
