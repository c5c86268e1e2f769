import { isObject, textOf, type Json, type JsonObject } from '../domain/json.ts'
import type { ScheduleDefinition } from './definition.ts'
import { nearest } from './did-you-mean.ts'
import { readDuration } from './duration.ts'
import type { Report } from './report.ts'

const types = [
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'minutes_interval',
  'seconds_interval',
  'cron',
] as const
type ScheduleType = ScheduleDefinition['type']

const common = ['skip_on_overtime', 'skip_delayed_by', 'start', 'end'] as const

/** What each type's command looks like, and an example. */
const formats: Readonly<Record<ScheduleType, readonly [RegExp, format: string, example: string]>> =
  {
    hourly: [/^\d+:\d+$/, 'mm:ss', '30:00'],
    daily: [/^\d+:\d+:\d+$/, 'hh:mm:ss', '07:00:00'],
    weekly: [/^(?:[A-Za-z]{3}|[0-7])\s*,\s*\d+:\d+:\d+$/, 'DDD,hh:mm:ss', 'Sun,09:00:00'],
    monthly: [/^\d+\s*,\s*\d+:\d+:\d+$/, 'D,hh:mm:ss', '1,09:00:00'],
    minutes_interval: [/^\d+$/, 'a number of minutes', '30'],
    seconds_interval: [/^\d+$/, 'a number of seconds', '30'],
    cron: [/^\S+(?:\s+\S+){4}$/, 'five fields (minute hour day month weekday)', '42 4 1 * *'],
  }

/** Reads and checks `schedule:`; undefined when it has mistakes, which are reported. */
export function readSchedule(
  schedule: Json,
  timezone: string,
  report: Report,
  parent: JsonObject,
): ScheduleDefinition | undefined {
  if (!isObject(schedule)) {
    report.problem(
      'SCHEDULE',
      "Parameter 'schedule' must be an object",
      { mapping: parent, key: 'schedule' },
      'Write the type below "schedule:", for example "  daily>: 07:00:00".',
    )
    return undefined
  }
  let mistakes = 0
  const refuse = (message: string, key: string | undefined, advice: string): void => {
    mistakes += 1
    report.problem(
      'SCHEDULE',
      message,
      { mapping: schedule, ...(key === undefined ? {} : { key }) },
      advice,
    )
  }
  const keys = Object.keys(schedule)
  const typeKey =
    keys.find((key) => key.endsWith('>')) ?? (keys.includes('_type') ? '_type' : undefined)
  if (typeKey === undefined) {
    refuse(
      'schedule: operator is required',
      undefined,
      'Write a type below "schedule:", for example "  daily>: 07:00:00".',
    )
    return undefined
  }
  const name = typeKey === '_type' ? textOf(schedule['_type']) : typeKey.slice(0, -1)
  const type = types.find((known) => known === name)
  if (type === undefined) {
    const near = nearest(name, types)
    refuse(
      `Unknown scheduler type: ${name}`,
      typeKey,
      `${near === undefined ? '' : `Did you mean "${near}>"? `}The types are ${types.map((known) => `${known}>`).join(', ')}.`,
    )
    return undefined
  }
  const delayed = type === 'cron' || type.endsWith('_interval')
  const known: readonly string[] = [
    typeKey,
    '_command',
    'at',
    ...common,
    ...(delayed ? ['delay'] : []),
  ]
  for (const key of keys) {
    if (known.includes(key)) continue
    const near = nearest(key, [...common, 'delay'])
    refuse(
      `Parameter '${key}' is not used at schedule. ${near === undefined ? '' : `> Did you mean '[${near}]'?`}`,
      key,
      key.endsWith('>')
        ? `A workflow has one schedule: keep "${typeKey}" or "${key}", or make a second workflow that calls this one.`
        : 'Remove it.',
    )
  }
  const command = textOf(
    (typeKey === '_type' ? (schedule['_command'] ?? schedule['at']) : schedule[typeKey]) ?? '',
  ).trim()
  checkCommand(type, command, (message, advice) => refuse(message, typeKey, advice))

  const skipDelayedBy = schedule['skip_delayed_by']
  const skipDelayedBySeconds = skipDelayedBy === undefined ? undefined : readDuration(skipDelayedBy)
  if (skipDelayedBy !== undefined && skipDelayedBySeconds === undefined) {
    refuse(
      `Invalid duration for skip_delayed_by: ${JSON.stringify(skipDelayedBy)}`,
      'skip_delayed_by',
      'Write a duration such as "30m" or "1d 6h".',
    )
  }
  const dates = checkDates(schedule, refuse)
  if (mistakes > 0) return undefined
  return {
    type,
    command,
    timezone,
    delaySeconds: delayed ? Number(schedule['delay'] ?? 0) : 0,
    skipOnOvertime:
      schedule['skip_on_overtime'] === true || schedule['skip_on_overtime'] === 'true',
    ...(skipDelayedBySeconds === undefined ? {} : { skipDelayedBySeconds }),
    ...dates,
  }
}

type Refuse = (message: string, key: string, advice: string) => void

function checkCommand(
  type: ScheduleType,
  command: string,
  refuse: (message: string, advice: string) => void,
): void {
  const [pattern, format, example] = formats[type]
  const advice = `Write for example "${type}>: ${example}".`
  if (!pattern.test(command)) {
    refuse(`${type}> scheduler requires ${format} format: ${command}`, advice)
    return
  }
  const [, day] = /^(\w+)\s*,/.exec(command) ?? []
  if (type === 'weekly' && !/^(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)$/i.test(day ?? '')) {
    refuse(
      `weekly> scheduler does not know the day ${day}`,
      'Days are Sun, Mon, Tue, Wed, Thu, Fri, Sat.',
    )
  }
  if (type === 'monthly' && (Number(day) < 1 || Number(day) > 31)) {
    refuse(`monthly> scheduler does not know day ${day} of a month`, advice)
  }
  if (type.endsWith('_interval') && Number(command) < 1) {
    refuse(`${type}> scheduler requires at least 1: ${command}`, advice)
  }
}

/** `start` and `end`: real dates, in order. */
function checkDates(
  schedule: JsonObject,
  refuse: Refuse,
): Pick<ScheduleDefinition, 'start' | 'end'> {
  const dates: { start?: string; end?: string } = {}
  for (const key of ['start', 'end'] as const) {
    const written = schedule[key]
    if (written === undefined) continue
    const text = textOf(written)
    if (isRealDate(text)) dates[key] = text
    else
      refuse(`Invalid date for schedule.${key}: ${text}`, key, 'Write a date such as "2026-04-01".')
  }
  if (dates.start !== undefined && dates.end !== undefined && dates.end < dates.start) {
    refuse(
      'The schedule of end is earlier than start',
      'end',
      'Let "end" be the same day as "start" or later.',
    )
  }
  return dates
}

function isRealDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined) return false
  const lengths = [31, isLeap(Number(year)) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return Number(day) >= 1 && Number(day) <= (lengths[Number(month) - 1] ?? 0)
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
