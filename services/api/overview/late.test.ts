import { expect, test } from 'vitest'
import type { OpenAttempt, Usual } from '#store/overview.ts'
import type { SlaDefinition } from '#workflows/dig/definition.ts'
import { lateAttempt } from './late.ts'

const started = new Date('2026-01-05T03:00:00Z')
const after = (minutes: number) => new Date(started.getTime() + minutes * 60_000)
const attempt = (more: Partial<OpenAttempt> = {}) =>
  ({
    reason: 'schedule',
    timezone: 'UTC',
    createdAt: started,
    startedAt: started,
    ...more,
  }) as OpenAttempt

const anHour: SlaDefinition = {
  kind: 'duration',
  seconds: 3600,
  alert: false,
  fail: false,
  tasks: {},
}
const usually = (minutes: number, runs = 10) => ({ seconds: minutes * 60, runs }) as Usual

test('past its sla it is late, but a backfill never is', () => {
  expect(lateAttempt(attempt(), anHour, undefined, after(59))).toBeUndefined()
  expect(lateAttempt(attempt(), anHour, undefined, after(60))).toMatchObject({
    why: 'sla',
    dueAt: after(60),
  })
  expect(lateAttempt(attempt({ reason: 'backfill' }), anHour, undefined, after(61))).toBeUndefined()
})

test.each([
  [1, 10, undefined],
  [1, 11, 11],
  [20, 59, undefined],
  [20, 60, 60],
])('usually %i minutes: after %i it is late since %j', (usual, minutes, dueAt) => {
  const late = lateAttempt(attempt(), undefined, usually(usual), after(minutes))
  expect(late).toEqual(
    dueAt === undefined
      ? undefined
      : {
          why: 'longer_than_usual',
          attempt: attempt(),
          dueAt: after(dueAt),
          usualSeconds: usual * 60,
        },
  )
})

test('two runs say nothing of what is usual, and what has not started runs not long', () => {
  expect(lateAttempt(attempt(), undefined, usually(1, 2), after(600))).toBeUndefined()
  const waits = attempt({ startedAt: null })
  expect(lateAttempt(waits, undefined, usually(1), after(600))).toBeUndefined()
})
