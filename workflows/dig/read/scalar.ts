const integer = /^[-+]?(?:0|[1-9][0-9_]*)$/
const octal = /^[-+]?0[0-7_]+$/
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/
const binary = /^[-+]?0b[01_]+$/
// Digdag's pattern knows no float that begins with "0.", so 0.5 is a text (DIGDAG-SPEC 1.1).
const float =
  /^[-+]?(?:[1-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[1-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)$/

/** What Digdag makes of a plain (unquoted) scalar: few types, everything else stays text. */
export function typedScalar(text: string): string | number | boolean | null {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return null
  if (/^[tT]rue$/.test(text)) return true
  if (/^[fF]alse$/.test(text)) return false
  const digits = text.replaceAll('_', '')
  const negative = digits.startsWith('-')
  const bare = digits.replace(/^[-+]/, '')
  const signed = (value: number): number => (negative ? -value : value)
  if (integer.test(text)) return whole(digits) ?? text
  if (octal.test(text)) return signed(Number.parseInt(bare, 8))
  if (hexadecimal.test(text)) return signed(Number.parseInt(bare.slice(2), 16))
  if (binary.test(text)) return signed(Number.parseInt(bare.slice(2), 2))
  if (float.test(text)) return Number(digits)
  return text
}

/** Beyond 2^53 a number would lose digits on its way through JSON; as text it keeps them. */
function whole(digits: string): number | undefined {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : undefined
}
