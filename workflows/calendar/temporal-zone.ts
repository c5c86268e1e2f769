import { offsetZone } from '../domain/time-zone.ts'

/** A schedule that Temporal's own schedules cannot express; the message says how to fix it. */
export class ScheduleNotPossibleError extends Error {
  override readonly name = 'ScheduleNotPossibleError'
}

/** Zones that keep an offset of no whole hours all year, by minutes east of UTC. */
const namedOffsets: ReadonlyMap<number, string> = new Map([
  [-570, 'Pacific/Marquesas'],
  [210, 'Asia/Tehran'],
  [270, 'Asia/Kabul'],
  [330, 'Asia/Kolkata'],
  [345, 'Asia/Kathmandu'],
  [390, 'Asia/Yangon'],
  [525, 'Australia/Eucla'],
  [570, 'Australia/Darwin'],
])

/** Temporal knows zones by name only: a whole-hour offset has one, with its sign turned round. */
export function temporalZone(timezone: string): string {
  const minutes = offsetZone(timezone)?.minutes
  if (minutes === undefined) return timezone
  if (minutes === 0) return 'UTC'
  const hours = Math.abs(minutes) / 60
  // Etc/GMT-14 to Etc/GMT+12 exist.
  if (Number.isInteger(hours) && minutes <= 14 * 60 && minutes >= -12 * 60) {
    return `Etc/GMT${minutes > 0 ? '-' : '+'}${hours}`
  }
  const named = namedOffsets.get(minutes)
  if (named !== undefined) return named
  throw new ScheduleNotPossibleError(
    `A schedule in the zone ${timezone} needs a zone by name, for example Asia/Kolkata for +05:30`,
  )
}
