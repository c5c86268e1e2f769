import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, type Client } from '#client/client.ts'
import { createProcess, type Process } from '#harness/stack/process.ts'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { anyFreePort } from '#services/shared/free-port.ts'
import { chosenRuns, chosenSeed, createRandom, type Random } from '../random.ts'

const seconds = chosenRuns(40)
const random = createRandom(chosenSeed())

let stack: Stack
let second: Process
/** Two replicas of the API; each request goes to one of them. */
let apis: readonly Client[]
beforeAll(async () => {
  stack = await startStack({ SUIRO_DRAIN_SECONDS: '2' })
  const port = await anyFreePort('127.0.0.1')
  const url = `http://127.0.0.1:${port}`
  const env = { ...stack.env, SUIRO_PORT: String(port) }
  second = createProcess('services/api/main.ts', env, `${url}/readyz`)
  await second.start()
  apis = [stack.api, createClient(url)]
})
afterAll(async () => {
  await second.stop()
  await stack.stop()
})

const ask = (method: string, path: string, body?: object) =>
  random
    .pick(apis)
    .request(method, path, body)
    .catch((error: unknown) => {
      // Its process was killed under it.
      if (error instanceof TypeError || error instanceof SyntaxError) return undefined
      throw error
    })

const dig = (overtime: boolean): string =>
  [
    'schedule:',
    '  seconds_interval>: 2',
    ...(overtime ? ['  skip_on_overtime: true'] : []),
    '+t: {echo>: "${session_time}"}',
  ].join('\n')

interface Subject {
  readonly project: string
  readonly overtime: boolean
  readonly id: string
  /** The first session about which it decided. */
  readonly first: Date
}

async function pushed(project: string, overtime: boolean): Promise<Subject> {
  await stack.api.push(project, { 'w.dig': dig(overtime) })
  // It may have begun already.
  const [row] = await stack.query<{ id: string; first: Date }>(
    `select s.id::text, coalesce(
      (select min(session_time) from sessions where project_id = p.id), next_session_time) as first
    from schedules s join projects p on p.id = s.project_id where p.name = $1`,
    [project],
  )
  return { project, overtime, ...row! }
}

const actions: Readonly<Record<string, (subject: Subject, random: Random) => Promise<unknown>>> = {
  disable: ({ id }) => ask('POST', `/api/schedules/${id}/disable`, {}),
  enable: ({ id }) => ask('POST', `/api/schedules/${id}/enable`, {}),
  enableAgain: ({ id }) => ask('POST', `/api/schedules/${id}/enable`, {}),
  enableAndSkip: ({ id }) => ask('POST', `/api/schedules/${id}/enable`, { skipSchedule: true }),
  skip: ({ id }, random) =>
    ask('POST', `/api/schedules/${id}/skip`, { count: random.whole(0, 4), dryRun: false }),
  backfill: ({ id }, random) =>
    ask('POST', `/api/schedules/${id}/backfill`, {
      fromTime: new Date(Date.now() - random.whole(1, 8) * 1_000).toISOString(),
      attemptName: `b${random.whole(1, 1e9)}`,
      dryRun: false,
    }),
  push: ({ project, overtime }, random) =>
    random
      .pick(apis)
      .push(project, { 'w.dig': dig(overtime) })
      .catch(() => undefined),
}

const crashes: Readonly<Record<string, () => Process>> = {
  'the API': () => stack.apiProcess,
  'the other API': () => second,
  'the worker': () => stack.worker,
}

const standsStillMs = 90_000

/** Asks until Temporal, which may be busy, has taken it too. */
const asked = (path: string): Promise<void> =>
  expect
    .poll(async () => (await stack.api.request('POST', path, {})).status, {
      timeout: standsStillMs,
    })
    .toBe(200)

/** Waits until nothing is left, however long a busy machine takes, as long as something goes on: `state` says what is left. */
async function settled(
  what: string,
  state: () => Promise<{ readonly left: number; readonly seen: string }>,
): Promise<void> {
  let before = ''
  let changedAt = Date.now()
  for (;;) {
    const { left, seen } = await state()
    if (left === 0) return
    if (seen !== before) changedAt = Date.now()
    else if (Date.now() - changedAt > standsStillMs)
      throw new Error(`${left} ${what}, and nothing goes on: ${seen}`)
    before = seen
    await sleep(1_000)
  }
}

/** Schedules that have not yet decided about all that was due at a time. */
const behind = async (time: Date) => {
  const rows = await stack.query<{ next: Date; due: boolean }>(
    'select next_run_time as next, next_run_time <= $1 as due from schedules order by id',
    [time],
  )
  return { left: rows.filter(({ due }) => due).length, seen: JSON.stringify(rows) }
}

const unfinished = async () => {
  const [row] = await stack.query<{ left: number; changed: Date }>(
    `select count(*)::int as left, (select max(updated_at) from tasks) as changed
    from attempts where finished_at is null`,
  )
  return { left: row!.left, seen: JSON.stringify(row) }
}

const wrongSessions = (subject: Subject) =>
  stack.query<{ time: Date; attempts: number; reasons: readonly string[] }>(
    `select * from (
      select t.time, (
          select count(*)::int from attempts a join sessions x on x.id = a.session_id
          where x.project_id = s.project_id and x.session_time = t.time and a.retry_attempt_name = ''
        ) as attempts, array(
          select reason from skipped_sessions k where k.schedule_id = s.id
            and k.from_session_time <= t.time and k.until_session_time > t.time) as reasons
      from schedules s, generate_series($2::timestamptz, s.next_session_time - interval '2 s', interval '2 s') as t (time)
      where s.id = $1::bigint) checked
    where attempts + cardinality(reasons) <> 1`,
    [subject.id, subject.first],
  )

test(
  `whatever is done to schedules for ${seconds} seconds, and whoever is killed meanwhile, each session has one attempt or one row`,
  async () => {
    console.log(`Seed: ${random.seed} (SUIRO_CHAOS_SEED=${random.seed} makes the same choices)`)
    const subjects = await Promise.all(
      ['one', 'two', 'three'].map((name, n) => pushed(name, n === 2)),
    )
    const until = Date.now() + seconds * 1_000
    const done: string[] = []
    while (Date.now() < until) {
      const name = random.pick(Object.keys(actions))
      const subject = random.pick(subjects)
      const wait = random.whole(0, 1_500)
      done.push(`${name} ${subject.project}`)
      if (random.chance(0.15)) {
        const who = random.pick(Object.keys(crashes))
        done.push(`kill ${who}`)
        const victim = crashes[who]!()
        await Promise.all([
          actions[name]!(subject, random),
          sleep(random.whole(0, 50)).then(() => victim.crash()),
        ])
        await victim.start()
      } else await actions[name]!(subject, random)
      await sleep(wait)
    }
    for (const { id } of subjects) await asked(`/api/schedules/${id}/enable`)
    const [clock] = await stack.query<{ now: Date }>('select now()')
    // Whatever nobody has come to yet is found by the sweep.
    await settled('schedules are behind', () => behind(clock!.now))
    for (const { id } of subjects) await asked(`/api/schedules/${id}/disable`)
    const wrong = await Promise.all(subjects.map(wrongSessions))
    if (wrong.flat().length > 0) console.log(done.join('\n'))
    expect(wrong.flat()).toEqual([])
    // What was accepted ends, also what waits for the one before it.
    await settled('attempts have not ended', unfinished)
    const ended = await stack.query<{ success: boolean; count: number }>(
      'select success, count(*)::int from attempts group by success',
    )
    expect(ended.map(({ success }) => success)).toEqual([true])
    console.log(`${ended[0]!.count} attempts; ${done.length} actions`)
  },
  seconds * 1_000 + 1_800_000,
)
