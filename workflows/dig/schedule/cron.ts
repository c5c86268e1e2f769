/** One cron pattern as the values of its fields, ascending. All five must match (docs/language.md#schedules). */
export interface CronFields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** 1 to 31, and `lastDay`. */
  readonly days: readonly number[]
  readonly months: readonly number[]
  /** 0 is Sunday. */
  readonly weekdays: readonly number[]
}

/** What cron4j makes of `L` among the days of a month. */
export const lastDay = 32

const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
]
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly read: (word: string) => number
}

const number = (word: string): number => (/^\+?\d{1,9}$/.test(word) ? Number(word) : Number.NaN)
const named =
  (names: readonly string[], first: number) =>
  (word: string): number => {
    const place = names.indexOf(word.toLowerCase())
    return place === -1 ? number(word) : place + first
  }

const fields = [
  { name: 'minute', min: 0, max: 59, read: number },
  { name: 'hour', min: 0, max: 23, read: number },
  { name: 'day of month', min: 1, max: 31, read: number },
  { name: 'month', min: 1, max: 12, read: named(monthNames, 1) },
  { name: 'day of week', min: 0, max: 7, read: named(dayNames, 0) },
] as const satisfies readonly Field[]

/**
 * Reads a pattern as cron4j does, which Digdag uses: several joined by `|` mean any of them. Answers a
 * sentence when it is none.
 */
export function parseCron(text: string): readonly CronFields[] | string {
  const alternatives = text.split('|').filter((part) => part.trim() !== '')
  if (alternatives.length === 0) return 'it is empty'
  const parsed: CronFields[] = []
  for (const alternative of alternatives) {
    const words = alternative.trim().split(/\s+/)
    if (words.length !== fields.length) return `it has ${words.length} fields instead of five`
    const values: (readonly number[])[] = []
    for (const [place, field] of fields.entries()) {
      const read = readField(words[place] ?? '', field)
      if (typeof read === 'string') return `${field.name}: ${read}`
      values.push(read)
    }
    const [minutes = [], hours = [], days = [], months = [], weekdays = []] = values
    parsed.push({ minutes, hours, days, months, weekdays })
  }
  return parsed
}

function readField(word: string, field: Field): readonly number[] | string {
  const values = new Set<number>()
  for (const element of word.split(',').filter(Boolean)) {
    const [range, step, more] = element.split('/').filter(Boolean)
    if (range === undefined || more !== undefined) return `"${element}" is no value`
    const found = readRange(range, field)
    if (typeof found === 'string') return found
    const every = step === undefined ? 1 : number(step)
    if (!(every >= 1)) return `"${step}" is no step`
    for (let place = 0; place < found.length; place += every) values.add(found[place]!)
  }
  if (values.size === 0) return `"${word}" is no value`
  // cron4j counts 7 among the days of the week where it runs over all of them; no day is the seventh.
  const real = [...values].filter((value) => field.max !== 7 || value < 7)
  return real.sort((a, b) => a - b)
}

function readRange(text: string, field: Field): readonly number[] | string {
  if (text === '*') return upTo(field.min, field.max)
  const words = text.split('-').filter(Boolean)
  if (words.length > 2 || words.length === 0) return `"${text}" is no range`
  const ends: number[] = []
  for (const word of words) {
    const isLast = field.max === 31 && word.toUpperCase() === 'L'
    const value = isLast ? lastDay : field.read(word)
    if (!isLast && !(value >= field.min && value <= field.max)) {
      return `"${word}" is not between ${field.min} and ${field.max}`
    }
    ends.push(field.max === 7 ? value % 7 : value)
  }
  const [first = 0, last = first] = ends
  if (first <= last) return upTo(first, last)
  // A range that goes backwards goes over the end: 22-2 are the hours 22, 23, 0, 1, 2.
  return [...upTo(first, field.max), ...upTo(field.min, last)]
}

const upTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place)

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether there is any day that it matches; 31 February is none. */
export const everMatches = ({ days, months, weekdays }: CronFields): boolean =>
  weekdays.length > 0 &&
  months.some((month) =>
    days.some((day) => day === lastDay || day <= (longestMonths[month - 1] ?? 0)),
  )
