import addressparser from 'nodemailer/lib/addressparser'
import type { Json } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'

/** A mailbox, with the name that is shown for it. */
export interface Address {
  readonly name: string
  readonly address: string
}

/** `Name <user@host>`, or several behind commas. */
export function parseAddresses(text: string): readonly Address[] {
  return addressparser(text, { flatten: true }).map(({ name, address }) => {
    if (/^[^\s@]+@[^\s@]+$/.test(address)) return { name, address }
    throw configError(
      `Invalid address: '${text}'. Write user@example.com, or "Name" <user@example.com>`,
    )
  })
}

/** An option that is a list of addresses, JSON text of one, or a text. */
export function readAddresses(value: Json | undefined): readonly Address[] {
  const given = parsed(value)
  if (given === undefined) return []
  return (Array.isArray(given) ? given : [given]).flatMap((item: Json) => {
    if (typeof item !== 'string') throw configError(`Invalid address: ${JSON.stringify(item)}`)
    return parseAddresses(item)
  })
}

/** A `${…}` that is a list comes as its JSON text. */
function parsed(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}
