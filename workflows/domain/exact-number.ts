/**
 * A number that one of JavaScript's own would change: a float that is whole (`25000.0`), an integer beyond 2^53, a
 * decimal with more digits than a double has. It is V8's own raw JSON: an object, but `JSON.stringify` writes it as
 * the number that it is. It must not be cloned, spread or walked as an object (docs/decisions/numbers.md).
 */
export interface ExactNumber {
  readonly rawJSON: string
}

declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber
    isRawJSON(value: unknown): value is ExactNumber
  }
}

export const isExactNumber = (value: unknown): value is ExactNumber => JSON.isRawJSON(value)

/** What a number of JSON is here: one of JavaScript's own wherever that says the same. */
export function numberOf(text: string): number | ExactNumber {
  const value = Number(text)
  const isFloat = /[.eE]/.test(text)
  // JSON's `-0` is an integer, and integers have one zero.
  if (!isFloat && value === 0) return 0
  const exact = isFloat ? floatText(text) : text
  return String(value) === exact ? value : JSON.rawJSON(exact)
}

/** A float of a program's memory, which is one even where it is whole. */
export const floatOf = (value: number): number | ExactNumber => numberOf(shortest(value))

/**
 * One text for each float, so that equal ones are equal as texts. What does not fit into a double keeps its digits.
 */
function floatText(text: string): string {
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  const short = shortest(value)
  return sameDecimal(short, text) ? short : text
}

/** Digits and a point up to 1e16, as Python writes floats; JavaScript would write whole ones as integers up to 1e21. */
function shortest(value: number): string {
  if (!Number.isInteger(value)) return String(value)
  if (Math.abs(value) >= 1e16) return value.toExponential()
  return Object.is(value, -0) ? '-0.0' : `${value}.0`
}

/** Whether two texts of numbers stand for the same decimal number, digit by digit. */
function sameDecimal(one: string, other: string): boolean {
  const [first, second] = [decimal(one), decimal(other)]
  return first.digits === second.digits && first.power === second.power
}

/** A number as its digits without zeros around them, and the power of ten that its last digit has. */
function decimal(text: string): { readonly digits: string; readonly power: number } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = withoutTrailingZeros(digits)
  if (significant === '') return { digits: `${sign}0`, power: 0 }
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return { digits: sign === '-' ? `-${significant}` : significant, power }
}

/** By hand: a regular expression would try anew at each of a million zeros. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}
