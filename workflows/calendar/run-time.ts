import type { ScheduleDefinition } from '../dig/definition.ts'
import { instantOf, wallOf } from './wall-clock.ts'

export const daySeconds = 86_400

/** Seconds that a command's time lies after the session: `HH:MM:SS` after midnight, `MM:SS` of an hour. */
export function commandSeconds({ command }: Pick<ScheduleDefinition, 'command'>): number {
  const parts = (command.split(',').at(-1) ?? '').split(':').map(Number)
  return parts.reduce((seconds, part) => seconds * 60 + part, 0)
}

/**
 * When a session runs. A time of day is meant by the clock on the wall: `daily>: 07:00:00` runs at
 * seven on the days when clocks change too (Digdag runs an hour off then). A time that such a day
 * leaves out runs at the next instant that exists; of one that comes twice, the first counts.
 */
export function runTimeOf(schedule: ScheduleDefinition, sessionTime: Date): Date {
  switch (schedule.type) {
    case 'cron':
    case 'minutes_interval':
    case 'seconds_interval':
      return later(sessionTime, schedule.delaySeconds)
    case 'hourly':
      return later(sessionTime, commandSeconds(schedule))
    case 'daily':
    case 'weekly':
    case 'monthly':
      return onTheWall(sessionTime, commandSeconds(schedule), schedule.timezone)
  }
}

const later = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000)

/** Where a day has no midnight, its session is a little later; the time still counts from midnight. */
export function onTheWall(sessionTime: Date, seconds: number, timezone: string): Date {
  const day = Math.floor(wallOf(sessionTime, timezone).getTime() / 1000 / daySeconds)
  return instantOf(new Date((day * daySeconds + seconds) * 1000), timezone)
}
