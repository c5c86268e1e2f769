import { OperatorError } from '#activities/failure.ts'
import { parseAddresses, type Address } from '#activities/mail/addresses.ts'
import type { EnvReader } from '#services/shared/settings/env.ts'

/** Addresses behind commas; a wrong one is a mistake. */
export function readAddressList(env: EnvReader, name: string, text = ''): readonly Address[] {
  try {
    return parseAddresses(text)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    env.mistakes.push(`${name}: ${error.message}`)
    return []
  }
}

/** One address; none or several are a mistake. */
export function readOneAddress(env: EnvReader, name: string, text: string): Address {
  const before = env.mistakes.length
  const [address, ...more] = readAddressList(env, name, text)
  if ((address === undefined || more.length > 0) && env.mistakes.length === before) {
    env.mistakes.push(`${name} must be one address, but is "${text}"`)
  }
  return address ?? { name: '', address: '' }
}
