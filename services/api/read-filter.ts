import type { AttemptStatus, TimeRange } from '#store/attempt-filter.ts'
import { nearest } from '#workflows/dig/did-you-mean.ts'
import { isTimezone } from '#workflows/calendar/index.ts'
import type { StartReason } from '#workflows/domain/actor.ts'
import { RequestInvalid } from './errors.ts'
import { reasons, statuses } from './schemas/filter.ts'
import { readMoment } from './time.ts'

type Words = string | readonly string[]

interface SessionQuery {
  readonly status?: Words
  readonly session_time?: string
  readonly session_from?: string
  readonly session_to?: string
  readonly timezone?: string
}

interface AttemptQuery extends SessionQuery {
  readonly reason?: Words
  readonly from?: string
  readonly to?: string
}

interface ReadSessionFilter {
  readonly statuses?: readonly AttemptStatus[]
  readonly sessionTime?: TimeRange
}

interface ReadAttemptFilter extends ReadSessionFilter {
  readonly reasons?: readonly StartReason[]
  readonly accepted?: TimeRange
}

export function readSessionFilter(query: SessionQuery): ReadSessionFilter {
  const { status, session_time, session_from, session_to, timezone } = query
  if (timezone !== undefined && !isTimezone(timezone)) {
    throw new RequestInvalid(
      `timezone=${timezone} is unknown: write a name such as Asia/Tokyo or UTC`,
    )
  }
  if (session_time !== undefined && (session_from !== undefined || session_to !== undefined)) {
    throw new RequestInvalid(
      'session_time is one time, session_from and session_to are a range: send one of the two',
    )
  }
  const sessionTime =
    session_time === undefined
      ? range({ session_from }, { session_to }, timezone)
      : oneSecond(readMoment('session_time', session_time, timezone))
  return {
    ...(status === undefined ? {} : { statuses: wordsOf('status', status, statuses) }),
    ...(sessionTime === undefined ? {} : { sessionTime }),
  }
}

export function readAttemptFilter(query: AttemptQuery): ReadAttemptFilter {
  const { reason, from, to, timezone } = query
  const session = readSessionFilter(query)
  const accepted = range({ from }, { to }, timezone)
  return {
    ...session,
    ...(reason === undefined ? {} : { reasons: wordsOf('reason', reason, reasons) }),
    ...(accepted === undefined ? {} : { accepted }),
  }
}

/** Session times have whole seconds. */
const oneSecond = (from: Date): TimeRange => ({ from, to: new Date(from.getTime() + 1000) })

type Named = Readonly<Record<string, string | undefined>>

function range(first: Named, last: Named, timezone: string | undefined): TimeRange | undefined {
  const [[firstName, firstText] = ['', undefined]] = Object.entries(first)
  const [[lastName, lastText] = ['', undefined]] = Object.entries(last)
  if (firstText === undefined && lastText === undefined) return undefined
  const from = firstText === undefined ? undefined : readMoment(firstName, firstText, timezone)
  const to = lastText === undefined ? undefined : readMoment(lastName, lastText, timezone)
  if (from !== undefined && to !== undefined && from >= to) {
    throw new RequestInvalid(
      `${firstName} must be before ${lastName}, which is where the range ends; nothing lies between ${firstText} and ${lastText}`,
    )
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** `error,killed`, or each on its own. */
function wordsOf<Word extends string>(
  name: string,
  given: Words,
  known: readonly Word[],
): readonly Word[] {
  const words = [given].flat().flatMap((text) => text.split(',').map((word) => word.trim()))
  for (const word of words) {
    if (known.some((one) => one === word)) continue
    const near = nearest(word, known)
    const advice = near === undefined ? '' : ` Did you mean ${near}?`
    throw new RequestInvalid(
      `${name}=${word.slice(0, 100)} is unknown.${advice} There are: ${known.join(', ')}`,
    )
  }
  return known.filter((word) => words.includes(word))
}
