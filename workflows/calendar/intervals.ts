import type { ScheduleDefinition } from '../dig/definition.ts'
import { sessionCron } from '../dig/schedule/session-cron.ts'
import type { ClockChange } from './clock-changes.ts'
import { commandSeconds } from './run-time.ts'
import { zoneOf } from './zone.ts'

/** All multiples of `every` since the epoch, moved by `offset`; both in milliseconds. */
export interface TemporalInterval {
  readonly every: number
  readonly offset?: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/**
 * Schedules that go on by real time, whatever clocks on the wall do: by the second, or at the same minutes
 * of every hour. Undefined for all others.
 */
export function steadyIntervals(
  schedule: ScheduleDefinition,
  changes: readonly ClockChange[],
): readonly TemporalInterval[] | undefined {
  const { type, command, timezone, delaySeconds } = schedule
  if (type === 'seconds_interval') {
    return [interval(Number(command) * 1000, delaySeconds * 1000)]
  }
  // Where clocks change by half an hour, the minutes of the hour move against real time.
  if (changes.some(({ minutes }) => minutes % 60 !== 0)) return undefined
  const east = zoneOf(timezone).offset(Date.now()) * minuteMs
  if (type === 'hourly') return [interval(hourMs, commandSeconds(schedule) * 1000 - east)]
  if (type !== 'cron' && type !== 'minutes_interval') return undefined
  const [fields, second] = sessionCron(type, command)
  if (fields === undefined || second !== undefined) return undefined
  const { minutes, hours, days, months, weekdays } = fields
  const always = [hours, days, months, weekdays].map((values) => values.length).join()
  if (always !== '24,31,12,7') return undefined
  const [first = 0, next = 60] = minutes
  const step = next - first
  const isEven =
    step * minutes.length === 60 &&
    minutes.every((minute, place) => minute === first + place * step)
  if (isEven) return [interval(step * minuteMs, first * minuteMs - east)]
  return minutes.map((minute) => interval(hourMs, minute * minuteMs - east))
}

function interval(every: number, offset: number): TemporalInterval {
  const within = ((offset % every) + every) % every
  return { every, ...(within === 0 ? {} : { offset: within }) }
}
