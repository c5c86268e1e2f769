import type { Random } from './random.ts'

/** A number as JSON may write it, of any size, kind and shape. */
export function numberText(random: Random): string {
  const sign = random.chance(0.3) ? '-' : ''
  const digits = (most: number): string =>
    Array.from({ length: random.whole(1, most) }, () => random.whole(0, 9)).join('')
  const whole = (most: number): string => digits(most).replace(/^0+(?=\d)/, '')
  const exponent = (): string =>
    `${random.pick(['e', 'E'])}${random.pick(['', '+', '-'])}${random.whole(0, 30)}`
  return random.pick([
    () => sign + whole(6),
    () => sign + whole(25),
    () => `${sign}900719925474099${random.whole(0, 9)}`,
    () => `${sign + whole(6)}.0`,
    () => `${sign + whole(17)}.${'0'.repeat(random.whole(1, 3))}`,
    () => `${sign + whole(4)}.${digits(4)}`,
    () => `${sign + whole(12)}.${digits(12)}`,
    () => sign + whole(3) + exponent(),
    () => `${sign + whole(3)}.${digits(3)}${exponent()}`,
    () => `${sign}0.${'0'.repeat(random.whole(0, 9))}${digits(3)}`,
    () => `${sign}0`,
  ])()
}

/** What a text says of a number: whether it is a float, and its value to the last digit. */
export function meaning(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? []
  if (!/[.eE]/.test(text)) return `integer ${BigInt(text)}`
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return `float ${sign}0`
  // As a fraction in lowest terms of tens.
  let [rest, power] = [digits, Number(exponent) - fraction.length]
  while (rest % 10n === 0n) [rest, power] = [rest / 10n, power + 1]
  return `float ${sign}${rest}e${power}`
}
