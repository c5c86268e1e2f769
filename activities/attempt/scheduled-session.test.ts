import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Schedule } from '#store/types.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createStartable } from '#services/shared/startable.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'
import { push } from '../testing/project.ts'
import { createAttemptEnd } from './attempt-end.ts'
import { createOpenScheduledSession } from './scheduled-session.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let projects = 0
let schedule: Schedule
/** A schedule whose first session is that of 5 March 2026. */
const scheduled = async (lines: string): Promise<void> => {
  const dig = `timezone: Asia/Tokyo\nschedule:\n${lines}\n+t: {echo>: 1}`
  const files = { 'daily.dig': dig }
  const from = '2026-03-04T12:00:00Z'
  const pushed = await push(database.store, files, `p${(projects += 1)}`, from)
  schedule = (await database.store.schedules.find(pushed.changedSchedules[0]!))!
}
const row = async (): Promise<Schedule> => (await database.store.schedules.find(schedule.id))!

const skipped = async () =>
  (await database.store.skippedSessions.list({ scheduleId: schedule.id, count: 10 })).map(
    ({ from, until, reason }) => [reason, from.toISOString(), until.toISOString()],
  )

const tick = (scheduledTime: string, now = scheduledTime, firedAt?: string) =>
  createOpenScheduledSession(
    database.store,
    createSettleSchedule(database.store, () => new Date(now)),
    createAcceptAttempt(database.store),
    createStartable(),
  ).openScheduledSession({
    scheduleId: schedule.id,
    scheduledTime,
    ...(firedAt === undefined ? {} : { firedAt }),
  })

describe('a daily schedule', () => {
  beforeEach(() => scheduled('  daily>: "07:00:00"'))

  test('opens the session of its day, and moves on', async () => {
    const opened = await tick('2026-03-04T22:00:00Z')
    expect(opened).toMatchObject({
      workflowType: 'runAttempt',
      workflow: 'daily',
      sessionTime: '2026-03-05T00:00:00+09:00',
    })
    const attempt = await database.store.attempts.find(opened!.attemptId)
    expect(attempt?.params).toEqual({
      last_session_time: '2026-03-04T00:00:00+09:00',
      next_session_time: '2026-03-06T00:00:00+09:00',
    })
    const after = await row()
    expect(after.lastSessionTime?.toISOString()).toBe('2026-03-04T15:00:00.000Z')
    expect(after.nextSessionTime.toISOString()).toBe('2026-03-05T15:00:00.000Z')
    expect(after.nextRunTime.toISOString()).toBe('2026-03-05T22:00:00.000Z')

    const next = await tick('2026-03-05T22:00:00Z')
    expect((await database.store.attempts.find(next!.attemptId))?.params).toMatchObject({
      last_executed_session_time: '2026-03-05T00:00:00+09:00',
    })
  })

  test('says that it was the schedule, or that the session was asked for later than any outage explains', async () => {
    const by = async (opened: Awaited<ReturnType<typeof tick>>) =>
      database.store.attempts.find(opened!.attemptId)
    const onTime = await tick('2026-03-04T22:00:00Z', undefined, '2026-03-04T22:00:01Z')
    expect(onTime).not.toHaveProperty('backfill')
    const actor = { kind: 'schedule', scheduleId: schedule.id }
    expect(await by(onTime)).toMatchObject({ reason: 'schedule', actor })
    // Everything was down for most of a day; an older session than the last one is no backfill for that.
    const late = await tick('2026-03-05T22:00:00Z', '2026-03-06T21:59:59Z', '2026-03-06T21:59:59Z')
    expect(late).not.toHaveProperty('backfill')
    const asked = await tick('2026-03-02T22:00:00Z', undefined, '2026-03-03T22:00:01Z')
    expect(asked).toMatchObject({ backfill: true })
    expect(await by(asked)).toMatchObject({ reason: 'backfill', actor })
  })

  test('asked again for the same tick, answers the same attempt', async () => {
    const first = await tick('2026-03-04T22:00:00Z')
    expect(await tick('2026-03-04T22:00:00Z')).toEqual(first)
  })

  test('a tick that waits for its attempt hears of one that runs already, and how it has ended', async () => {
    const { store } = database
    const opened = await tick('2026-03-04T22:00:00Z')
    await store.attempts.markStarted(opened!.attemptId)
    expect(await tick('2026-03-04T22:00:00Z')).toBeNull()
    const { attemptId, ...again } = (await createOpenScheduledSession(
      store,
      createSettleSchedule(store),
      createAcceptAttempt(store),
      createStartable(),
    ).openScheduledSession({
      scheduleId: schedule.id,
      scheduledTime: '2026-03-04T22:00:00Z',
      follows: true,
    }))!
    expect([attemptId, again.runs]).toEqual([opened!.attemptId, true])
    const { attemptEnd } = createAttemptEnd(store)
    expect(await attemptEnd({ attemptId })).toBeNull()
    await store.attempts.finish(attemptId, false)
    expect(await attemptEnd({ attemptId })).toEqual({ state: 'error' })
  })

  test('opens nothing where somebody started the session by hand', async () => {
    await database.store.attempts.start({
      workflowId: schedule.workflowId,
      sessionTime: new Date('2026-03-04T15:00:00Z'),
      params: {},
      actor: { kind: 'user' },
      reason: 'start',
    })
    expect(await tick('2026-03-04T22:00:00Z')).toBeNull()
    expect((await row()).nextSessionTime.toISOString()).toBe('2026-03-05T15:00:00.000Z')
  })

  test('a tick for an older day runs it and does not move the schedule back', async () => {
    await tick('2026-03-04T22:00:00Z')
    const older = await tick('2026-02-04T22:00:00Z', '2026-03-05T00:00:00Z', '2026-03-05T00:00:00Z')
    expect(older?.sessionTime).toBe('2026-02-05T00:00:00+09:00')
    const after = await row()
    expect(after.lastSessionTime?.toISOString()).toBe('2026-03-04T15:00:00.000Z')
    expect(after.nextSessionTime.toISOString()).toBe('2026-03-05T15:00:00.000Z')
  })

  test('what has not begun is answered again, what runs is not', async () => {
    const opened = await tick('2026-03-04T22:00:00Z')
    await database.store.attempts.markStarted(opened!.attemptId)
    expect(await tick('2026-03-04T22:00:00Z')).toBeNull()
  })

  test('a tick decides about all that is due: what came before it, and what is too old to be run', async () => {
    const opened = await tick('2026-03-08T22:00:00Z', '2026-03-08T22:00:01Z')
    expect(opened?.sessionTime).toBe('2026-03-09T00:00:00+09:00')
    expect(await skipped()).toEqual([
      ['missed', '2026-03-04T15:00:00.000Z', '2026-03-08T15:00:00.000Z'],
    ])
    expect((await row()).lastSessionTime?.toISOString()).toBe('2026-03-08T15:00:00.000Z')
    // Temporal may fire its own ticks for them yet.
    expect(await tick('2026-03-06T22:00:00Z', '2026-03-08T22:00:02Z')).toBeNull()
  })

  test('a tick that comes by a clock ahead of ours is not too early', async () => {
    expect(await tick('2026-03-04T22:00:00Z', '2026-03-04T21:59:58Z')).not.toBeNull()
  })

  test('a tick for days to come runs nothing before its time', async () => {
    expect(await tick('2026-03-09T22:00:00Z', '2026-03-04T12:00:00Z')).toBeNull()
    expect((await row()).nextSessionTime).toEqual(schedule.nextSessionTime)
    expect(await skipped()).toEqual([])
  })

  test('a disabled schedule opens nothing, and stays where it is', async () => {
    await database.store.schedules.disable(schedule.id, { kind: 'user' })
    expect(await tick('2026-03-04T22:00:00Z')).toBeNull()
    expect((await row()).nextSessionTime).toEqual(schedule.nextSessionTime)
    expect(await skipped()).toEqual([])
  })

  test('a schedule that is gone opens nothing', async () => {
    await database.store.projects.delete(schedule.projectId)
    expect(await tick('2026-03-04T22:00:00Z')).toBeNull()
  })
})

test('skip_delayed_by skips what comes too late', async () => {
  await scheduled('  daily>: "07:00:00"\n  skip_delayed_by: 1h')
  expect(await tick('2026-03-04T22:00:00Z', '2026-03-04T23:00:01Z')).toBeNull()
  const after = await row()
  expect(after.lastSessionTime).toBeNull()
  expect(after.nextSessionTime.toISOString()).toBe('2026-03-05T15:00:00.000Z')
  expect(await skipped()).toEqual([
    ['delayed', '2026-03-04T15:00:00.000Z', '2026-03-05T15:00:00.000Z'],
  ])
  expect(await tick('2026-03-05T22:00:00Z', '2026-03-05T22:59:59Z')).not.toBeNull()
})

test('skip_on_overtime skips while another session runs, not while its own does', async () => {
  await scheduled('  daily>: "07:00:00"\n  skip_on_overtime: true')
  const first = await tick('2026-03-04T22:00:00Z')
  expect(await tick('2026-03-04T22:00:00Z')).toEqual(first)
  expect(await tick('2026-03-05T22:00:00Z')).toBeNull()
  expect(await tick('2026-03-06T22:00:00Z')).toBeNull()
  await database.store.attempts.finish(first!.attemptId, true)
  expect((await tick('2026-03-07T22:00:00Z'))?.sessionTime).toBe('2026-03-08T00:00:00+09:00')
  // Late for the same reason day after day is one row.
  expect(await skipped()).toEqual([
    ['overtime', '2026-03-05T15:00:00.000Z', '2026-03-07T15:00:00.000Z'],
  ])
})

test('cron> runs for the minute it names, whatever its delay', async () => {
  await scheduled('  cron>: "15 4 * * *"\n  delay: 600')
  const opened = await tick('2026-03-04T19:15:00Z', '2026-03-04T19:25:00Z')
  expect(opened?.sessionTime).toBe('2026-03-05T04:15:00+09:00')
})
