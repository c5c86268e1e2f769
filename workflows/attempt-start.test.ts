import { expect, test } from 'vitest'
import { attemptStart, type StartableAttempt } from './attempt-start.ts'
import type { AttemptId } from './domain/ids.ts'

const attempt: StartableAttempt = {
  attemptId: 7 as AttemptId,
  temporalId: 'shops/daily/2026-11-24T00:00:00+09:00/attempt-7',
  project: 'shops',
  workflow: 'daily',
  sessionTime: '2026-11-24T00:00:00+09:00',
  timezone: 'Asia/Tokyo',
  retryAttemptName: 'mended',
  reason: 'retry',
  startedBy: 'digdag',
  page: 'http://suiro.example/api/attempts/7',
}

test('people read what an attempt is of, with the time zone of its session, and the way to it', () => {
  const { workflowId, args, staticSummary, staticDetails } = attemptStart(attempt)
  const title = 'shops/daily 2026-11-24T00:00:00+09:00 (Asia/Tokyo), retry mended'
  expect(workflowId).toBe(attempt.temporalId)
  expect(staticSummary).toBe(title)
  expect(args).toEqual([{ attempt: title, page: attempt.page, attemptId: 7, namedSteps: true }])
  expect(staticDetails).toContain('Attempt 7, started by digdag (retry)')
  expect(staticDetails).toContain('[log](http://suiro.example/api/attempts/7/log)')
})

test('names are shown as they are, whatever they mean in Markdown', () => {
  const { staticDetails } = attemptStart({ ...attempt, workflow: '*a*_[x](http://evil)' })
  expect(staticDetails).toContain('\\*a\\*\\_\\[x\\]\\(http://evil\\)')
})

test('what a worker of the release before answered is started under its short name', () => {
  const { temporalId: _, timezone: __, page: ___, ...before } = attempt
  expect(attemptStart(before).workflowId).toBe('attempt-7')
})
