import type { Static } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AttemptId, ScheduleId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { ErrorAnswer } from '../schemas/common.ts'
import type { ScheduleAttempts, ScheduleSummary, SkippedSessions } from '../schemas/schedule.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'
import { scheduleIn } from '../testing/temporal.ts'

// By a clock that the tests set; Temporal has the machine's, and fires nothing of this.
let now = new Date()
let api: TestApi
beforeAll(async () => {
  api = await createTestApi({ now: () => now })
})
afterAll(() => api.close())

const scheduled = (...lines: readonly string[]) =>
  `${['timezone: Asia/Tokyo', 'schedule:', ...lines.map((line) => `  ${line}`)].join('\n')}\n+a:\n  echo>: hi\n`
const daily = scheduled('daily>: "07:00:00"')

let projects = 0
let project = ''
/** Its first session is that of 5 March 2026, which runs on 4 March at 22:00 UTC. */
async function pushed(dig: string): Promise<ScheduleId> {
  now = new Date('2026-03-04T12:00:00Z')
  project = `reschedule-${(projects += 1)}`
  await api.push(project, 'r1', { 'w.dig': dig })
  const { id } = (await api.store.projects.findByName(project))!
  return (await api.store.schedules.list({ projectId: id, count: 1 }))[0]!.id
}

let id: ScheduleId
beforeEach(async () => {
  id = await pushed(daily)
})

const summary = (what: 'enable' | 'disable' | 'skip', payload: object = {}) =>
  api.ask<Static<typeof ScheduleSummary> & ErrorAnswer>('POST', `/api/schedules/${id}/${what}`, {
    payload,
  })
const skip = (wanted: object) => summary('skip', { dryRun: false, ...wanted })
const backfill = (wanted: object) =>
  api.ask<Static<typeof ScheduleAttempts> & ErrorAnswer>('POST', `/api/schedules/${id}/backfill`, {
    payload: { dryRun: false, attemptName: 'again', ...wanted },
  })
const sessions = async (): Promise<readonly string[]> => {
  const path = `/api/attempts?project=${project}&include_retried=true`
  const { body } = await api.ask<{ attempts: readonly Static<typeof Attempt>[] }>('GET', path)
  return body.attempts.map(({ sessionTime }) => sessionTime).toReversed()
}
const skipped = async () => {
  const path = `/api/schedules/${id}/skipped_sessions`
  const { body } = await api.ask<{ skippedSessions: readonly Static<typeof SkippedSessions>[] }>(
    'GET',
    path,
  )
  return body.skippedSessions.map(({ reason, from, until }) => [reason, from, until])
}
const next = async () => (await api.store.schedules.find(id))!.nextSessionTime.toISOString()
const day = (date: number) => `2026-03-${String(date).padStart(2, '0')}T00:00:00+09:00`

test('sessions of a pause run once the schedule is enabled again', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  const enabled = await summary('enable')
  expect(enabled.status).toBe(200)
  // The next one that will run.
  expect(enabled.body).toMatchObject({
    nextScheduleTime: day(9),
    nextRunTime: '2026-03-08T22:00:00Z',
    disabledAt: null,
  })
  expect(await sessions()).toEqual([day(5), day(6), day(7), day(8)])
  expect(await skipped()).toEqual([])
})

test('with skipSchedule they are passed, and a row says by whom', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  const enabled = await summary('enable', { skipSchedule: true })
  expect(enabled.body).toMatchObject({ nextScheduleTime: day(9), disabledAt: null })
  expect(await sessions()).toEqual([])
  expect(await skipped()).toEqual([['skipped', day(5), day(9)]])
  const view = await api.database.pool.query(
    `select project, workflow, reason, skipped_by, until_session_time
    from reporting.skipped_sessions where schedule_id = $1`,
    [id],
  )
  expect(view.rows).toEqual([
    {
      project,
      workflow: 'w',
      reason: 'skipped',
      skipped_by: 'lightMyRequest',
      until_session_time: new Date('2026-03-08T15:00:00Z'),
    },
  ])
})

test('skipSchedule takes a time to go on at', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  const enabled = await summary('enable', { skipSchedule: true, nextTime: '2026-03-20' })
  expect(enabled.body.nextScheduleTime).toBe(day(20))
})

test.each([
  [{ skipSchedule: 'maybe' }, 400],
  [{ nextTime: '2026-03-20' }, 400],
  [{ skipSchedule: true, nextTime: 'soon' }, 400],
  // Nothing has fallen due: as recorded from a Digdag.
  [{ skipSchedule: true }, 409],
])('enable with %j is refused with %i, and the schedule stays disabled', async (body, status) => {
  await summary('disable')
  expect((await summary('enable', body)).status).toBe(status)
  expect((await api.store.schedules.find(id))?.disabledAt).not.toBeNull()
  const inTemporal = await scheduleIn(api, id)
  expect((await inTemporal.describe()).state.paused).toBe(true)
})

test('skip passes so many sessions from a time on', async () => {
  const { status, body } = await skip({ count: 2, fromTime: '2026-03-04T12:00:00Z' })
  expect(status).toBe(200)
  expect(body).toMatchObject({ nextScheduleTime: day(7), nextRunTime: '2026-03-06T22:00:00Z' })
  expect(await skipped()).toEqual([['skipped', day(5), day(7)]])
})

test('skip goes on at a time, and may say when that session runs', async () => {
  const { body } = await skip({
    nextTime: '2026-03-10T00:00:00',
    nextRunTime: '2026-03-05T00:00:00Z',
  })
  expect(body).toMatchObject({ nextScheduleTime: day(10), nextRunTime: '2026-03-05T00:00:00Z' })
  // A push of the same schedule leaves it there.
  await api.push(project, 'r2', { 'w.dig': daily })
  const [row] = [await api.store.schedules.find(id)]
  expect(row).toMatchObject({
    nextRunTime: new Date('2026-03-05T00:00:00Z'),
    runUntil: new Date('2026-03-05T00:00:00Z'),
  })
})

test('a dry run says where the schedule would go on, and leaves it', async () => {
  const { body } = await skip({ count: 1, dryRun: true })
  expect(body.nextScheduleTime).toBe(day(6))
  expect(await next()).toBe('2026-03-04T15:00:00.000Z')
  expect(await skipped()).toEqual([])
})

test.each([
  [{}, 400, 'count, or where to go on with nextTime'],
  [{ count: 1, nextTime: '2026-03-10' }, 400, 'one of them'],
  [{ count: -1 }, 400, 'count'],
  [{ count: 1.5 }, 400, 'count'],
  [{ count: 1, fromTime: 'yesterday' }, 400, 'fromTime'],
  [{ nextTime: '2026-03-10', fromTime: '2026-03-05T00:00:00Z' }, 400, 'fromTime'],
  [{ nextTime: '2026-02-30' }, 400, 'nextTime'],
  [{ count: 1, nextRunTime: '2026-03-10' }, 400, 'nextRunTime'],
  [{ count: 1, dryRun: undefined }, 400, 'dryRun'],
  [{ nextTime: '2026-03-05' }, 409, 'Specified time to skip schedules is already past'],
  [{ count: 0 }, 409, 'Specified time to skip schedules is already past'],
])('skip with %j is refused with %i', async (wanted, status, words) => {
  const { status: answered, body } = await skip(wanted)
  expect([answered, body.message]).toEqual([status, expect.stringContaining(words)])
  expect(await next()).toBe('2026-03-04T15:00:00.000Z')
})

test('a backfill starts the sessions that the schedule has passed, one after the other', async () => {
  await skip({ nextTime: '2026-03-10' })
  const { status, body } = await backfill({ fromTime: '2026-03-04T22:00:00Z', count: 3 })
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: String(id), workflow: { name: 'w' } })
  expect(
    body.attempts.map(({ sessionTime, retryAttemptName, reason, params }) => [
      sessionTime,
      retryAttemptName,
      reason,
      params['last_executed_session_time'],
    ]),
  ).toEqual([
    [day(5), 'again', 'backfill', undefined],
    [day(6), 'again', 'backfill', day(5)],
    [day(7), 'again', 'backfill', day(6)],
  ])
  expect(body.attempts[1]?.params).toEqual({
    last_session_time: day(5),
    next_session_time: day(7),
    last_executed_session_time: day(5),
  })
  await api.informed()
  const begun = async (): Promise<readonly boolean[]> => {
    await api.reconnected.sweep.once()
    const attempts = body.attempts.map((one) =>
      api.store.attempts.find(Number(one.id) as AttemptId),
    )
    return (await Promise.all(attempts)).map((attempt) => attempt!.startedAt !== null)
  }
  expect(await begun()).toEqual([true, false, false])
  const waiting = () => api.store.attempts.waitingFor(Number(body.attempts[0]!.id) as AttemptId)
  expect(await waiting()).toEqual([])
  await api.store.attempts.finish(Number(body.attempts[0]!.id) as AttemptId, false)
  // So the worker finds it at once; the sweep does where no worker could.
  expect((await waiting()).map(({ id: waits }) => String(waits))).toEqual([body.attempts[1]!.id])
  expect(await begun()).toEqual([true, true, false])
  await api.store.attempts.finish(Number(body.attempts[1]!.id) as AttemptId, true)
  expect(await begun()).toEqual([true, true, true])
})

test('a backfill knows which session ran before its first one', async () => {
  const { workflowId } = (await api.store.schedules.find(id))!
  const sessionTime = '2026-03-02T00:00:00+09:00'
  await api.ask('PUT', '/api/attempts', { payload: { workflowId, sessionTime } })
  const { body } = await backfill({ fromTime: '2026-03-03T00:00:00Z' })
  expect(body.attempts.map(({ params }) => params['last_executed_session_time'])).toEqual([day(2)])
})

test('a dry run of a backfill names the sessions, and starts none', async () => {
  const { body } = await backfill({ fromTime: '2026-03-01T00:00:00Z', dryRun: true })
  expect(body.attempts).toMatchObject([
    { id: '0', index: 0, sessionId: '0', sessionTime: day(2), params: {}, status: 'running' },
    { sessionTime: day(3) },
    { sessionTime: day(4) },
  ])
  expect(await sessions()).toEqual([])
})

test('a backfill of a name that one of its sessions has starts none of them', async () => {
  await backfill({ fromTime: '2026-03-02T00:00:00Z', count: 1 })
  const { status, body } = await backfill({ fromTime: '2026-03-01T00:00:00Z' })
  expect([status, body.message]).toEqual([
    409,
    expect.stringMatching(
      /^Attempt of project id=\d+ workflow=w instant=2026-03-02T15:00:00Z attempt name=again already exists$/,
    ),
  ])
  expect(await sessions()).toEqual([day(3)])
})

test('of two backfills at once, one starts all, and one nothing', async () => {
  const from = { fromTime: '2026-03-01T00:00:00Z' }
  const answers = await Promise.all([backfill(from), backfill(from), backfill(from)])
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(2)
  expect(await sessions()).toEqual([day(2), day(3), day(4)])
})

test.each([
  [{ fromTime: '2026-03-01T00:00:00Z', count: 4 }, 'there are only 3 sessions'],
  [{ fromTime: '2026-03-01T00:00:00Z', count: -1 }, 'count'],
  [{ fromTime: '2026-03-01T00:00:00Z', count: 0 }, 'count'],
  [{ fromTime: '2026-03-01' }, 'fromTime'],
  [{}, 'fromTime is required'],
  [{ fromTime: '2026-03-01T00:00:00Z', attemptName: undefined }, 'attemptName is required'],
  [{ fromTime: '2026-03-01T00:00:00Z', attemptName: '' }, 'attemptName'],
  [{ fromTime: '2026-03-01T00:00:00Z', dryRun: undefined }, 'dryRun is required'],
  [{ fromTime: '2001-01-01T00:00:00Z' }, 'more than 1000 sessions'],
])('a backfill with %j is refused', async (wanted, words) => {
  const { status, body } = await backfill(wanted)
  expect([status, body.message]).toEqual([400, expect.stringContaining(words)])
  expect(await sessions()).toEqual([])
})

test('a schedule that does not exist is not found', async () => {
  id = 999_999 as ScheduleId
  expect((await skip({ count: 1 })).status).toBe(404)
  expect((await backfill({ fromTime: '2026-03-01T00:00:00Z' })).status).toBe(404)
  expect((await summary('enable')).status).toBe(404)
  const path = `/api/schedules/${id}/skipped_sessions`
  expect((await api.ask('GET', path)).status).toBe(404)
})

test('what has fallen due since a push’s schedule_from runs, and knows the session before', async () => {
  now = new Date('2026-03-08T00:00:00Z')
  project = `from-${(projects += 1)}`
  await api.push(project, 'r1', { 'w.dig': daily }, '&schedule_from=2026-03-05T00:00:00Z')
  const { id: projectId } = (await api.store.projects.findByName(project))!
  const [schedule] = await api.store.schedules.list({ projectId, count: 1 })
  expect(schedule?.nextSessionTime.toISOString()).toBe('2026-03-08T15:00:00.000Z')
  expect(await sessions()).toEqual([day(6), day(7), day(8)])
  const [latest] = await api.store.attempts.list({ projectId, includeRetried: true, count: 1 })
  expect(latest).toMatchObject({
    reason: 'schedule',
    params: { last_executed_session_time: day(7), last_session_time: day(7) },
  })
})

test('a push that moves a schedule past what is due says so', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  await api.push(project, 'r2', { 'w.dig': daily }, '&clear_schedule_all=true')
  expect(await skipped()).toEqual([['push', day(5), day(9)]])
  expect(await next()).toBe('2026-03-08T15:00:00.000Z')
})

test('a push that takes a schedule away says what had fallen due', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  await api.push(project, 'r2', { 'w.dig': '+a: {echo>: hi}\n' })
  const view = await api.database.pool.query(
    'select reason, from_session_time, until_session_time from reporting.skipped_sessions where schedule_id = $1',
    [id],
  )
  expect(view.rows).toEqual([
    {
      reason: 'push',
      from_session_time: new Date('2026-03-04T15:00:00Z'),
      until_session_time: new Date('2026-03-08T15:00:00Z'),
    },
  ])
})

test('another type of schedule goes on after the last session that ran', async () => {
  now = new Date('2026-03-05T12:00:00Z')
  await api.push(project, 'r2', { 'w.dig': daily })
  expect(await sessions()).toEqual([day(5)])
  now = new Date('2026-03-05T15:10:00Z')
  await api.push(project, 'r3', { 'w.dig': scheduled('hourly>: "00:00"') })
  const hours = (await sessions()).slice(1)
  expect([hours.length, hours[0], hours.at(-1)]).toEqual([24, '2026-03-05T01:00:00+09:00', day(6)])
})

test('a push keeps what is due of a disabled schedule that never ran, and what was passed', async () => {
  await summary('disable')
  now = new Date('2026-03-08T00:00:00Z')
  await api.push(project, 'r2', { 'w.dig': daily })
  expect(await next()).toBe('2026-03-04T15:00:00.000Z')
  await skip({ nextTime: '2026-03-20' })
  await api.push(project, 'r3', { 'w.dig': daily })
  expect(await next()).toBe('2026-03-19T15:00:00.000Z')
  // As recorded from a Digdag: one that never ran begins where the push says.
  await api.push(project, 'r4', { 'w.dig': daily }, '&schedule_from=2026-03-07T00:00:00Z')
  expect(await next()).toBe('2026-03-07T15:00:00.000Z')
  expect(await skipped()).toEqual([['skipped', day(5), day(8)]])
})

test('a run that was moved by hand comes without a tick', async () => {
  // By the machine's clock, as the sweep looks: a session of the days to come, which is to run now.
  const time = (ms: number) => new Date(Date.now() + ms).toISOString()
  const { body } = await skip({ nextTime: time(3 * 86_400_000), nextRunTime: time(-1_000) })
  await api.reconnected.sweep.once()
  await expect.poll(sessions, { timeout: 20_000 }).toEqual([body.nextScheduleTime])
})

test('what is paused in Temporal by hand is left alone until it is enabled', async () => {
  await (await scheduleIn(api, id)).pause('by hand')
  now = new Date('2026-03-06T00:00:00Z')
  await api.push(project, 'r2', { 'w.dig': daily })
  expect(await sessions()).toEqual([])
  await summary('enable')
  expect(await sessions()).toEqual([day(5), day(6)])
})

test('a start’s own times of the sessions around do not override those of the schedule', async () => {
  const { workflowId } = (await api.store.schedules.find(id))!
  const { body } = await api.ask<Static<typeof Attempt>>('PUT', '/api/attempts', {
    payload: {
      workflowId,
      sessionTime: day(5),
      params: { next_session_time: 'mine', last_session_time: 'mine', own: 1 },
    },
  })
  expect(body.params).toEqual({ last_session_time: day(4), next_session_time: day(6), own: 1 })
})
