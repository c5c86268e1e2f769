import { FixedOffsetZone, IANAZone, type Zone } from 'luxon'

const offset = /^([+-])(\d{2}):?(\d{2})$/

/** Whether `timezone:` may be this: an IANA zone, or a fixed offset such as `+09:00`. */
export const isTimezone = (name: string): boolean =>
  name === 'UTC' || name === 'Z' || isOffset(name) || isNamed(name)

/** Node takes names in any case; Temporal, like Java, knows them as the list writes them. */
function isNamed(name: string): boolean {
  if (!/^[A-Z]/.test(name) || !IANAZone.isValidZone(name)) return false
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
  return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
}

/** Java knows offsets up to 18 hours. */
function isOffset(name: string): boolean {
  const [, , hours, minutes] = offset.exec(name) ?? []
  return (
    hours !== undefined && Number(hours) * 60 + Number(minutes) <= 18 * 60 && Number(minutes) < 60
  )
}

/** A checked zone, for luxon. */
export function zoneOf(name: string): Zone {
  if (name === 'Z') return FixedOffsetZone.utcInstance
  const minutes = fixedOffset(name)
  return minutes === undefined ? IANAZone.create(name) : FixedOffsetZone.instance(minutes)
}

/** Minutes east of UTC of a zone that is written as an offset; undefined for a named one. */
export function fixedOffset(name: string): number | undefined {
  const [, sign, hours, minutes] = offset.exec(name) ?? []
  if (sign === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
