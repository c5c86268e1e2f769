import { deepEqual, rejects } from 'node:assert/strict'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOpenScheduledSession } from '#activities/attempt/scheduled-session.ts'
import { chosenRuns, chosenSeed, createRandom, type Random } from '#harness/random.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createStartable } from '#services/shared/startable.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'
import { catchUpSeconds } from '#workflows/contract.ts'
import type { ScheduleId, WorkflowId } from '#workflows/domain/ids.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'
import { newModel, settle as settleModel, skipTo, type Model } from './testing/model.ts'

const minute = 60_000
const step = 30 * minute
const begin = Date.parse('2026-03-05T00:00:00Z')

let now = new Date(begin)
let api: TestApi
beforeAll(async () => {
  api = await createTestApi({ now: () => now })
})
afterAll(() => api.close())

/** One schedule, its model, and what may be done with both. */
interface Run {
  readonly random: Random
  readonly project: string
  readonly dig: string
  readonly id: ScheduleId
  readonly delay: number
  readonly model: Model
  pushes: number
}

const timeOf = (session: number): Date => new Date(begin + session * step)
const runOf = (run: Run, session: number): number => timeOf(session).getTime() + run.delay
const clock = (run: Run) => ({
  now: now.getTime(),
  window: catchUpSeconds * 1000,
  runOf: (session: number) => runOf(run, session),
})
/** The first session that runs at a time or later. */
const firstFrom = (run: Run, time: number): number => Math.ceil((time - run.delay - begin) / step)

const post = (path: string, payload: object = {}) =>
  api.ask<Record<string, unknown>>('POST', path, { payload })
const settle = (id: ScheduleId) => createSettleSchedule(api.store, () => now)(id)

/** Somebody is interrupted when all is done but not kept. */
async function crash(id: ScheduleId): Promise<void> {
  const { schedules } = api.store
  const crashing = createSettleSchedule(
    {
      schedules: {
        locked: (of, decide) =>
          schedules.locked(of, async (locked) => {
            await decide(locked)
            throw new Error('crash')
          }),
      },
    },
    () => now,
  )
  await rejects(crashing(id), /crash/)
}

async function tick({ id }: Run, session: number): Promise<void> {
  const open = createOpenScheduledSession(
    api.store,
    createSettleSchedule(api.store, () => now),
    createAcceptAttempt(api.store),
    createStartable(),
  )
  await open.openScheduledSession({
    scheduleId: id,
    scheduledTime: timeOf(session).toISOString(),
    firedAt: new Date(timeOf(session).getTime() + 1_000).toISOString(),
  })
}

/** Everybody at once decides about what is due. */
async function settleAll(run: Run): Promise<void> {
  const { id, model, random } = run
  if (random.chance(0.3)) await crash(id)
  const passed = model.next + random.whole(-3, 1)
  const due = runOf(run, passed) <= now.getTime() && passed >= 0
  await Promise.all([settle(id), settle(id), ...(due ? [tick(run, passed)] : [])])
  while ((await settle(id)).more);
  settleModel(model, clock(run))
}

const actions: Readonly<Record<string, (run: Run) => Promise<unknown>>> = {
  async wait({ random }) {
    const minutes = random.chance(0.2) ? random.whole(1_200, 3_000) : random.whole(1, 90)
    now = new Date(now.getTime() + minutes * minute)
  },
  settle: settleAll,
  async disable({ id, model }) {
    deepEqual((await post(`/api/schedules/${id}/disable`)).status, 200)
    model.disabled = true
  },
  async enable(run) {
    const { id, model } = run
    deepEqual((await post(`/api/schedules/${id}/enable`)).status, 200)
    model.disabled = false
    model.runUntil = now.getTime()
    await settleAll(run)
  },
  async enableAndSkip(run) {
    const { id, model } = run
    const { status } = await post(`/api/schedules/${id}/enable`, { skipSchedule: true })
    const skipped = skipTo(model, firstFrom(run, now.getTime()))
    deepEqual(status, skipped ? 200 : 409)
    if (!skipped) return
    model.disabled = false
    model.runUntil = now.getTime()
    await settleAll(run)
  },
  async skip(run) {
    const { id, model, random } = run
    const from = now.getTime() + random.whole(-300, 60) * minute
    const count = random.whole(0, 5)
    const payload = { count, fromTime: new Date(from).toISOString(), dryRun: random.chance(0.2) }
    const { status } = await post(`/api/schedules/${id}/skip`, payload)
    const target = firstFrom(run, from) + count
    deepEqual(status, target > model.next ? 200 : 409)
    if (!payload.dryRun) skipTo(model, target)
  },
  async push(run) {
    const { project, dig } = run
    deepEqual((await api.push(project, `r${(run.pushes += 1)}`, { 'w.dig': dig })).status, 200)
    // What is due is started right then, or by the sweep where Temporal does not answer.
    await settleAll(run)
  },
  async backfill(run) {
    const { id, model, random } = run
    const from = random.whole(Math.max(0, model.next - 20), model.next)
    const wanted = {
      fromTime: new Date(runOf(run, from)).toISOString(),
      attemptName: `b${random.whole(1, 1e9)}`,
      dryRun: random.chance(0.2),
    }
    const { status, body } = await post(`/api/schedules/${id}/backfill`, wanted)
    deepEqual([status, (body['attempts'] as unknown[]).length], [200, model.next - from])
    if (!wanted.dryRun && from < model.next) model.running = true
  },
  async startByHand({ id, model, random }) {
    const session = model.next + random.whole(-5, 3)
    if (session < 0) return
    const { workflowId } = (await api.store.schedules.find(id))!
    if (!(await started(workflowId, session))) return
    if (session >= model.next) model.byHand.add(session)
    model.running = true
  },
  async endAll({ model, id }) {
    const { projectId } = (await api.store.schedules.find(id))!
    await api.database.pool.query(
      'update attempts set finished_at = now(), success = true where project_id = $1 and finished_at is null',
      [projectId],
    )
    model.running = false
  },
}

/** A start of a session that has an attempt already changes nothing. */
async function started(workflowId: WorkflowId, session: number): Promise<boolean> {
  const sessionTime = timeOf(session).toISOString()
  const { status } = await api.ask('PUT', '/api/attempts', { payload: { workflowId, sessionTime } })
  return status === 200
}

interface Found {
  readonly session: number
  readonly scheduled: number
  readonly others: number
  readonly reasons: readonly string[]
}

/** What each session has that the model has decided about. */
async function found({ id, model }: Run): Promise<readonly Found[]> {
  const { rows } = await api.database.pool.query<Omit<Found, 'session'> & { time: Date }>(
    `select t.time, (
        select count(*)::int from attempts a join sessions x on x.id = a.session_id
        where x.project_id = s.project_id and x.session_time = t.time and a.actor ->> 'kind' = 'schedule'
      ) as scheduled, (
        select count(*)::int from attempts a join sessions x on x.id = a.session_id
        where x.project_id = s.project_id and x.session_time = t.time and a.retry_attempt_name = ''
          and a.actor ->> 'kind' <> 'schedule'
      ) as others, array(
        select reason from skipped_sessions k where k.schedule_id = s.id
          and k.from_session_time <= t.time and k.until_session_time > t.time) as reasons
    from schedules s, unnest($2::timestamptz[]) as t (time) where s.id = $1 order by t.time`,
    [id, [...model.decided.keys()].map(timeOf)],
  )
  return rows.map(({ time, ...row }) => ({ ...row, session: (time.getTime() - begin) / step }))
}

/** Rows that count other sessions than there are in them, and attempts that were due at another time than the schedule's. */
async function miscounted({ id, delay }: Run): Promise<number> {
  const { rowCount } = await api.database.pool.query(
    `select from skipped_sessions
    where schedule_id = $1 and sessions <> extract(epoch from until_session_time - from_session_time) * 1000 / $2
    union all
    select from attempts a join sessions s on s.id = a.session_id
    where a.reason = 'schedule' and (a.actor ->> 'scheduleId')::bigint = $1
      and a.due_at <> s.session_time + make_interval(secs => $3)`,
    [id, step, delay / 1000],
  )
  return rowCount ?? 0
}

/** Answers what is not as it should be. */
async function randomRun(random: Random, name: string): Promise<readonly string[]> {
  const delay = random.pick([0, 0, 600])
  const skipOnOvertime = random.chance(0.3)
  const dig = [
    'schedule:',
    '  minutes_interval>: 30',
    ...(delay > 0 ? [`  delay: ${delay}`] : []),
    ...(skipOnOvertime ? ['  skip_on_overtime: true'] : []),
    '+a: {echo>: hi}',
  ].join('\n')
  // Half of them begin with what is due since a schedule_from.
  now = new Date(begin + (random.chance(0.5) ? random.whole(0, 300) * minute : 0))
  const from = new Date(begin + delay * 1000).toISOString()
  await api.push(name, 'r1', { 'w.dig': dig }, `&schedule_from=${from}`)
  const { id: projectId } = (await api.store.projects.findByName(name))!
  const [schedule] = await api.store.schedules.list({ projectId, count: 1 })
  const model = newModel(skipOnOvertime)
  const run: Run = {
    ...{ random, dig, model, project: name, id: schedule!.id },
    ...{ delay: delay * 1000, pushes: 1 },
  }
  model.runUntil = now.getTime()
  await settleAll(run)

  const done: string[] = []
  const wanted = [...Object.keys(actions), 'wait', 'wait', 'settle', 'settle']
  for (let n = 0; n < 40; n += 1) {
    const action = random.pick(wanted)
    done.push(`${action} at ${now.toISOString()}`)
    try {
      await actions[action]!(run)
      const { nextSessionTime } = (await api.store.schedules.find(run.id))!
      deepEqual(nextSessionTime, timeOf(model.next))
    } catch (error) {
      return [...done, String(error)]
    }
  }
  await actions['enable']!(run)
  const faults = wrong(model, await found(run))
  expect(await miscounted(run)).toBe(0)
  return faults.length === 0 ? [] : [...done, ...faults]
}

function wrong(model: Model, rows: readonly Found[]): readonly string[] {
  const faults = rows.filter(({ session, scheduled, others, reasons }) => {
    const decision = model.decided.get(session)
    if (decision !== 'run') return scheduled !== 0 || reasons.join() !== decision
    const hand = model.byHand.has(session) ? 1 : 0
    return scheduled + others !== 1 || others !== hand || reasons.length > 0
  })
  return [
    ...faults.map(
      (row) =>
        `${timeOf(row.session).toISOString()} ${model.decided.get(row.session)}: ${JSON.stringify(row)}`,
    ),
    ...(rows.length === model.decided.size ? [] : [`${rows.length} of ${model.decided.size}`]),
  ]
}

test('whatever is done to a schedule, each session that was due has one attempt, or one row that says why not', async () => {
  const seed = chosenSeed()
  console.log(`Seed of the random schedules: ${seed} (SUIRO_CHAOS_SEED=${seed} makes them again)`)
  const random = createRandom(seed)
  for (let n = 0; n < chosenRuns(6); n += 1) {
    expect(await randomRun(random, `random-${seed}-${n}`)).toEqual([])
  }
}, 600_000)
