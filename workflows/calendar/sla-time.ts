import { DateTime } from 'luxon'
import type { SlaDefinition } from '../dig/definition.ts'
import { onTheWall } from './run-time.ts'
import { zoneOf } from './zone.ts'

/**
 * When an attempt that runs from `runTime` on is late (docs/language.md#sla): so long after it, or at the
 * next such time of day on the wall, today's if that is still to come.
 */
export function slaTime({ kind, seconds }: SlaDefinition, timezone: string, runTime: Date): Date {
  if (kind === 'duration') return new Date(runTime.getTime() + seconds * 1000)
  const today = onTheWall(runTime, seconds, timezone)
  if (today >= runTime) return today
  const tomorrow = DateTime.fromJSDate(runTime, { zone: zoneOf(timezone) }).plus({ days: 1 })
  return onTheWall(tomorrow.toJSDate(), seconds, timezone)
}
