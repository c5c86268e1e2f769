import { describe, expect, test } from 'vitest'
import { decideDue, undecided, type Due } from './index.ts'
import { at, schedule } from './testing.ts'

const catchUpSeconds = 86_400
const hourly = schedule('hourly', '30:00')

const decide = (
  of: typeof hourly,
  session: string,
  run: string,
  now: string,
  more: { readonly runUntil?: string; readonly until?: string } = {},
): Due =>
  decideDue(
    of,
    {
      sessionTime: at(session),
      runTime: at(run),
      runUntil: more.runUntil === undefined ? null : at(more.runUntil),
    },
    { now: at(now), until: at(more.until ?? now), catchUpSeconds },
  )

const nextOf = (due: Due): string | undefined =>
  due.kind === 'later' ? undefined : due.next.sessionTime.toISOString()

describe('a session', () => {
  test('is due from its run time on, and the one after it comes next', () => {
    const [session, run] = ['2026-03-05T10:00:00Z', '2026-03-05T10:30:00Z']
    expect(decide(hourly, session, run, '2026-03-05T10:29:59Z').kind).toBe('later')
    expect(decide(hourly, session, run, run)).toMatchObject({
      kind: 'run',
      next: { sessionTime: at('2026-03-05T11:00:00Z'), runTime: at('2026-03-05T11:30:00Z') },
    })
    // The clock of the tick is a little ahead.
    expect(decide(hourly, session, run, '2026-03-05T10:29:59Z', { until: run }).kind).toBe('run')
  })

  test('is run at a time of its own, where somebody has chosen one', () => {
    const at8 = ['2026-03-05T10:00:00Z', '2026-03-05T20:00:00Z'] as const
    expect(decide(hourly, ...at8, '2026-03-05T10:30:00Z').kind).toBe('later')
    expect(decide(hourly, ...at8, '2026-03-05T20:00:00Z').kind).toBe('run')
  })
})

test('what nothing could run for more than a day is passed at once, up to what is a day late', () => {
  const late = decide(
    hourly,
    '2026-03-01T10:00:00Z',
    '2026-03-01T10:30:00Z',
    '2026-03-05T12:30:00Z',
  )
  expect(late).toMatchObject({ kind: 'pass', reason: 'missed' })
  expect(nextOf(late)).toBe('2026-03-04T12:00:00.000Z')
  const dayLate = ['2026-03-04T12:00:00Z', '2026-03-04T12:30:00Z'] as const
  expect(decide(hourly, ...dayLate, '2026-03-05T12:30:00Z').kind).toBe('run')
})

test('what somebody asked for runs however late it is', () => {
  const [session, run] = ['2026-03-01T10:00:00Z', '2026-03-01T10:30:00Z']
  const now = '2026-03-05T12:30:00Z'
  expect(decide(hourly, session, run, now, { runUntil: run }).kind).toBe('run')
  expect(decide(hourly, session, run, now, { runUntil: '2026-03-01T10:29:59Z' }).kind).toBe('pass')
})

test('skip_delayed_by passes what is too late, whoever asked for it', () => {
  const impatient = schedule('hourly', '30:00', { skipDelayedBySeconds: 5_400 })
  const [session, run] = ['2026-03-05T08:00:00Z', '2026-03-05T08:30:00Z']
  expect(decide(impatient, session, run, '2026-03-05T10:00:00Z').kind).toBe('run')
  const late = decide(impatient, session, run, '2026-03-05T10:00:01Z', { runUntil: run })
  expect(late).toMatchObject({ kind: 'pass', reason: 'delayed' })
  expect(nextOf(late)).toBe('2026-03-05T09:00:00.000Z')
  // A run that was put off by hand is late by its own time.
  const putOff = decide(impatient, session, '2026-03-05T12:00:00Z', '2026-03-05T13:30:01Z')
  expect(nextOf(putOff)).toBe('2026-03-05T12:00:00.000Z')
})

test('sessions about which nothing is decided end where the next run is to come', () => {
  const cursor = { sessionTime: at('2026-03-05T10:00:00Z'), runTime: at('2026-03-05T10:30:00Z') }
  expect(undecided(hourly, cursor, at('2026-03-05T10:29:59Z'))).toBeUndefined()
  expect(undecided(hourly, cursor, at('2026-03-05T12:30:00Z'))).toEqual({
    from: at('2026-03-05T10:00:00Z'),
    until: at('2026-03-05T13:00:00Z'),
  })
})

test('of a schedule that has come to its end the sessions end there, too', () => {
  const ending = schedule('daily', '07:00:00', { end: '2026-03-06' })
  const cursor = { sessionTime: at('2026-03-05T00:00:00Z'), runTime: at('2026-03-05T07:00:00Z') }
  expect(undecided(ending, cursor, at('2026-04-01T00:00:00Z'))).toEqual({
    from: at('2026-03-05T00:00:00Z'),
    until: at('2026-03-07T00:00:00Z'),
  })
})
