import type { ScheduleDefinition } from '../definition.ts'

export type ScheduleType = ScheduleDefinition['type']

/** What each type's command looks like, and an example. */
export const formats: Readonly<
  Record<ScheduleType, readonly [RegExp, format: string, example: string]>
> = {
  hourly: [/^\d+:\d+$/, 'mm:ss', '30:00'],
  daily: [/^\d+:\d+:\d+$/, 'hh:mm:ss', '07:00:00'],
  weekly: [/^[^\s,]+\s*,\s*\d+:\d+:\d+$/, 'day,hh:mm:ss', 'Sun,09:00:00'],
  monthly: [/^[^\s,]+\s*,\s*\d+:\d+:\d+$/, 'day,hh:mm:ss', '1,09:00:00'],
  minutes_interval: [/^\d{1,6}$/, 'a number of minutes', '30'],
  seconds_interval: [/^\d{1,9}$/, 'a number of seconds', '30'],
  cron: [/\S/, 'five fields (minute hour day month weekday)', '42 4 1 * *'],
}

export const scheduleTypes = Object.keys(formats) as readonly ScheduleType[]

/** Session and run time may lie apart by the option `delay`, not by the command itself. */
export const hasDelay = (type: ScheduleType): boolean =>
  type === 'cron' || type.endsWith('_interval')
