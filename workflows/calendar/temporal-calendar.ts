import { lastDay, type CronFields } from '../dig/schedule/cron.ts'

const monthNames = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const
const dayNames = [
  'SUNDAY',
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
] as const

interface Years {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Days as a Temporal calendar spec names them; what is absent is any. */
export interface TemporalDays {
  readonly dayOfWeek?: (typeof dayNames)[number][]
  readonly dayOfMonth?: number[]
  readonly month?: (typeof monthNames)[number][]
  readonly year?: Years[]
}

/** One calendar of a Temporal Schedule's spec: a second matches if all fields do. */
export interface TemporalCalendar extends TemporalDays {
  readonly hour?: number[] | '*'
  readonly minute?: number[] | '*'
  readonly second?: number
}

// 2100 is no leap year, so the pattern ends before it.
const leapYears: Years[] = [{ start: 2024, end: 2096, step: 4 }]
const otherYears: Years[] = [2025, 2026, 2027].map((start) => ({ start, end: 2099, step: 4 }))

/** The days that a pattern matches, moved on by so many days: a time of 30:00:00 is on the day after. */
export function temporalDays(fields: CronFields, moveDays = 0): readonly TemporalDays[] {
  const { days, months, weekdays } = fields
  const dayOfWeek = weekdays.map((day) => dayNames[(day + moveDays) % 7]!)
  const onWeekdays = weekdays.length === 7 ? {} : { dayOfWeek }
  const anyDay = days.length === 31 && !days.includes(lastDay)
  if (anyDay && (months.length === 12 || moveDays === 0)) {
    return [{ ...onWeekdays, ...inMonths(months) }]
  }
  if (moveDays === 0 && !days.includes(lastDay)) {
    return [{ ...onWeekdays, ...inMonths(months), dayOfMonth: [...days] }]
  }
  return months.flatMap((month) => {
    const kinds: readonly (readonly [number, Years[] | undefined])[] =
      month === 2
        ? [
            [29, leapYears],
            [28, otherYears],
          ]
        : [[monthLength(month), undefined]]
    return kinds.flatMap(([length, year]) =>
      movedDays(days, month, length, year === leapYears, moveDays).map((moved) => ({
        ...onWeekdays,
        ...moved,
        ...(year === undefined ? {} : { year }),
      })),
    )
  })
}

const inMonths = (months: readonly number[]): Pick<TemporalDays, 'month'> =>
  months.length === 12 ? {} : { month: months.map((month) => monthNames[month - 1]!) }

const monthLength = (month: number): number => ([4, 6, 9, 11].includes(month) ? 30 : 31)

/** Days of one month, moved on: some may come to lie in the month after. */
function movedDays(
  days: readonly number[],
  month: number,
  length: number,
  isLeap: boolean,
  moveDays: number,
): readonly Pick<TemporalDays, 'month' | 'dayOfMonth'>[] {
  const real = days.map((day) => (day === lastDay ? length : day)).filter((day) => day <= length)
  const byMonth = new Map<number, Set<number>>()
  for (const day of real) {
    let [to, on, room] = [month, day + moveDays, length]
    while (on > room) {
      on -= room
      to = (to % 12) + 1
      room = to === 2 ? (isLeap ? 29 : 28) : monthLength(to)
    }
    byMonth.set(to, (byMonth.get(to) ?? new Set()).add(on))
  }
  return [...byMonth].map(([to, on]) => ({
    month: [monthNames[to - 1]!],
    dayOfMonth: [...on].sort((a, b) => a - b),
  }))
}
