const integer = /^[-+]?(?:0|[1-9][0-9_]*)$/
const octal = /^[-+]?0[0-7_]+$/
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/
const binary = /^[-+]?0b[01_]+$/
// Digdag's pattern knows no float that begins with "0.", so 0.5 is a text (docs/language.md#scalars).
const float =
  /^[-+]?(?:[1-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[1-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?)$/
const zeroFloat = /^[-+]?0\.[0-9]*$/

type Scalar = string | number | boolean | null

/** What Digdag makes of a plain (unquoted) scalar: few types, everything else stays text. */
export function typedScalar(text: string): Scalar {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return null
  if (/^[tT]rue$/.test(text)) return true
  if (/^[fF]alse$/.test(text)) return false
  const digits = text.replaceAll('_', '')
  if (integer.test(text)) return whole(digits, text)
  if (octal.test(text)) return whole(digits.replace(/0/, '0o'), text)
  if (hexadecimal.test(text) || binary.test(text)) return whole(digits, text)
  if (float.test(text)) return Number.isFinite(Number(digits)) ? Number(digits) : text
  return text
}

/** Beyond 2^53 a number would lose digits on its way through JSON; as decimal text it keeps them. */
function whole(digits: string, text: string): number | string {
  const [, sign = '', bare = ''] = /^([-+]?)(.*)$/.exec(digits) ?? []
  // "0x_" has the shape of a number, but nothing is left without its underscores.
  if (/^0[box]?$/.test(bare)) return bare === '0' || bare === '0o' ? 0 : text
  const value = BigInt(bare)
  const signed = sign === '-' ? -value : value
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : String(signed)
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
      return Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))
        ? value
        : undefined
    }
    case 'float': {
      const value = Number(text.replaceAll('_', '').trim())
      return text.trim() !== '' && Number.isFinite(value) ? value : undefined
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
  if (octal.test(text) && String(value) !== text) {
    return [
      `${text} is read as the number ${value}, in base 8`,
      `Write ${value}, or quote it if its digits are meant.`,
    ]
  }
  if (typeof value === 'number' && /^[-+]?[1-9][0-9]*\.[0-9]*$/.test(text)) {
    if (String(value) !== text.replace('+', '')) {
      return [`${text} is read as the number ${value}`, 'Quote it if the digits are meant.']
    }
  }
  return undefined
}
