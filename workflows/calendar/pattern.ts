import { Cron } from 'croner'
import { FixedOffsetZone } from 'luxon'
import type { ScheduleDefinition } from '../dig/definition.ts'
import { zoneOf } from './zone.ts'

/** When a schedule's sessions are, apart from when they run. */
export interface SessionPattern {
  /** The first session time after `time`. */
  after(time: Date): Date
  /** The last session time before `time`. */
  before(time: Date): Date
}

/** Where Digdag puts the next session of a schedule that has come to its end. */
export const farFuture = new Date('9999-01-01T00:00:00Z')

/** The five cron fields of a schedule's session times. */
export function cronOf({ type, command }: ScheduleDefinition): string {
  const [day = ''] = command.split(',').map((part) => part.trim())
  switch (type) {
    case 'hourly':
      return '0 * * * *'
    case 'daily':
      return '0 0 * * *'
    case 'weekly':
      return `0 0 * * ${day}`
    case 'monthly':
      return `0 0 ${day} * *`
    case 'minutes_interval':
      return `*/${command} * * * *`
    case 'cron':
      return command
    case 'seconds_interval':
      throw new Error('A schedule by seconds has no cron pattern')
  }
}

export function sessionPattern(schedule: ScheduleDefinition): SessionPattern {
  if (schedule.type === 'seconds_interval') return everySeconds(Number(schedule.command))
  const zone = zoneOf(schedule.timezone)
  const cron = new Cron(cronOf(schedule), {
    paused: true,
    mode: '5-part',
    // cron4j, which Digdag uses, wants day of month and day of week both to match.
    domAndDow: true,
    ...(zone instanceof FixedOffsetZone ? { utcOffset: zone.offset(0) } : { timezone: zone.name }),
  })
  return {
    after: (time) => cron.nextRun(time) ?? farFuture,
    before(time) {
      const [last] = cron.previousRuns(1, time)
      if (last === undefined)
        throw new Error(
          `The schedule ${schedule.command} has no session before ${time.toISOString()}`,
        )
      return last
    },
  }
}

/** Multiples of so many seconds since the epoch. */
function everySeconds(seconds: number): SessionPattern {
  const step = seconds * 1000
  return {
    after: (time) => new Date((Math.floor(time.getTime() / step) + 1) * step),
    before: (time) => new Date((Math.ceil(time.getTime() / step) - 1) * step),
  }
}
