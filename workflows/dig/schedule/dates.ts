import { textOf, type JsonObject } from '../../domain/json.ts'
import type { ScheduleDefinition } from '../definition.ts'

/** `start` and `end`: real dates, in order. */
export function readDates(
  schedule: JsonObject,
  refuse: (message: string, key: string, advice: string) => void,
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
