import {
  isObject,
  textOf,
  withPlainNumbers,
  type Json,
  type JsonObject,
} from '../../domain/json.ts'
import { readBoolean, sample } from '../compile/values.ts'
import type { ScheduleDefinition } from '../definition.ts'
import { nearest } from '../did-you-mean.ts'
import { readDuration } from '../duration.ts'
import type { Report } from '../report.ts'
import { checkCommand } from './command.ts'
import { readDates } from './dates.ts'
import { hasDelay, scheduleTypes, type ScheduleType } from './types.ts'

const common = ['skip_on_overtime', 'skip_delayed_by', 'start', 'end'] as const

type Refuse = (message: string, key: string | undefined, advice: string) => void

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
  const about = (key: string | undefined) => ({
    mapping: schedule,
    ...(key === undefined ? {} : { key }),
  })
  const refuse: Refuse = (message, key, advice) => {
    mistakes += 1
    report.problem('SCHEDULE', message, about(key), advice)
  }
  const found = readType(schedule, refuse)
  if (found === undefined) return undefined
  const { type, typeKey } = found
  checkKeys(schedule, type, typeKey, refuse)
  const command = textOf(
    withPlainNumbers(
      (typeKey === '_type' ? (schedule['_command'] ?? schedule['at']) : schedule[typeKey]) ?? '',
    ),
  ).trim()
  checkCommand(
    type,
    command,
    (message, advice) => refuse(message, typeKey, advice),
    (message, advice) => report.warning('SCHEDULE', message, about(typeKey), advice),
  )
  const skipDelayedBySeconds = readSkipDelayedBy(schedule, refuse)
  const skipOnOvertime = readSkipOnOvertime(schedule, refuse)
  const delaySeconds = hasDelay(type) ? readDelay(schedule, refuse) : 0
  const dates = readDates(schedule, refuse)
  if (mistakes > 0) return undefined
  return {
    type,
    command,
    timezone,
    delaySeconds,
    skipOnOvertime,
    ...(skipDelayedBySeconds === undefined ? {} : { skipDelayedBySeconds }),
    ...dates,
  }
}

function readType(
  schedule: JsonObject,
  refuse: Refuse,
): { readonly type: ScheduleType; readonly typeKey: string } | undefined {
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
  const type = scheduleTypes.find((known) => known === name)
  if (type !== undefined) return { type, typeKey }
  const near = nearest(name, scheduleTypes)
  const hint = near === undefined ? '' : `Did you mean "${near}>"? `
  const all = scheduleTypes.map((known) => `${known}>`).join(', ')
  refuse(`Unknown scheduler type: ${name}`, typeKey, `${hint}The types are ${all}.`)
  return undefined
}

function checkKeys(
  schedule: JsonObject,
  type: ScheduleType,
  typeKey: string,
  refuse: Refuse,
): void {
  const options = [...common, ...(hasDelay(type) ? ['delay'] : [])]
  const known = [typeKey, '_command', 'at', ...options]
  for (const key of Object.keys(schedule)) {
    if (known.includes(key)) continue
    const near = nearest(key, options)
    refuse(
      `Parameter '${key}' is not used at schedule. ${near === undefined ? '' : `> Did you mean '[${near}]'?`}`,
      key,
      key.endsWith('>')
        ? `A workflow has one schedule: keep "${typeKey}" or "${key}", or make a second workflow that calls this one.`
        : `Options of ${type}> are ${options.join(', ')}.`,
    )
  }
}

function readSkipDelayedBy(schedule: JsonObject, refuse: Refuse): number | undefined {
  const written = schedule['skip_delayed_by']
  const seconds = written === undefined ? undefined : readDuration(written)
  if (written !== undefined && seconds === undefined) {
    refuse(
      `Invalid duration for skip_delayed_by: ${sample(written)}`,
      'skip_delayed_by',
      'Write a duration such as "30m" or "1d 6h".',
    )
  }
  return seconds
}

function readSkipOnOvertime(schedule: JsonObject, refuse: Refuse): boolean {
  const written = schedule['skip_on_overtime'] ?? false
  const read = readBoolean(written)
  if (read === undefined) {
    refuse(
      `Expected 'true' or 'false' for key 'skip_on_overtime' but got ${sample(written)}`,
      'skip_on_overtime',
      'Write "skip_on_overtime: true".',
    )
  }
  return read ?? false
}

/** Seconds from session to run. */
function readDelay(schedule: JsonObject, refuse: Refuse): number {
  const written = schedule['delay'] ?? 0
  if (/^\s*\d{1,9}\s*$/.test(textOf(written))) return Number(written)
  refuse(
    `Expected integer type for key 'delay' but got ${sample(written)}`,
    'delay',
    'Write a number of seconds from 0 on, for example "delay: 600".',
  )
  return 0
}
