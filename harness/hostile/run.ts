import { describeStuck } from '../stuck.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '#harness/stack/stack.ts'
import type { Random } from '../random.ts'
import { hostileScenarios } from './hostile.ts'
import { normalScenarios, scheduled } from './normal.ts'
import type { Places, Scenario } from './scenario.ts'
import { processesWith, vitalsOf, type Vitals } from './vitals.ts'

export interface Plan {
  readonly places: Places
  /** Of every project. */
  readonly secrets: Readonly<Record<string, string>>
  /** New attempts are started for so long. */
  readonly milliseconds: number
  /** How long an attempt may take, in seconds. */
  readonly patience: { readonly normal: number; readonly hostile: number }
  /** What worker and API may hold after all this, in MiB. */
  readonly residentMiB: { readonly worker: number; readonly api: number }
  readonly print: (line: string) => void
}

export interface Outcome {
  /** What went wrong, a sentence each. */
  readonly faults: readonly string[]
  readonly hostile: number
  readonly normal: number
}

/** Open files, sockets and pipes that a process may have more at the end than before the load. */
const moreHandles = 60

/** Runs hostile projects and normal ones side by side, then looks at what is left of the servers. */
export async function runHostile(stack: Stack, random: Random, plan: Plan): Promise<Outcome> {
  const { places, print } = plan
  const faults: string[] = []
  const mark = `hostile_${random.seed}`
  const until = Date.now() + plan.milliseconds
  const counts = { hostile: 0, normal: 0 }
  const before = await look(stack)

  const begin = async (project: string, { files, params = {} }: Scenario): Promise<string> => {
    const pushed = await stack.api.push(project, files)
    if (pushed.status !== 200) throw new Error(`${project}: ${JSON.stringify(pushed.body)}`)
    for (const [key, value] of Object.entries(plan.secrets)) {
      const path = `/api/projects/${String(pushed.body['id'])}/secrets/${key}`
      await stack.api.request('PUT', path, { value })
    }
    // Commands have parameters as variables, by which their processes are known.
    const more = { params: { ...params, hostile_mark: mark } }
    const started = await stack.api.start(project, 'main', '2001-01-05T00:00:00Z', more)
    if (started.status !== 200) throw new Error(`${project}: ${JSON.stringify(started.body)}`)
    return String(started.body['id'])
  }

  const run = async (kind: keyof typeof counts, at: number, wanted: Scenario): Promise<void> => {
    const began = Date.now()
    const what = `${kind} ${at} (${wanted.name})`
    let id: string | undefined
    try {
      id = await begin(`${kind}_${at}`, wanted)
      const killed = kind === 'hostile' && (wanted.endless === true || random.chance(0.15))
      if (killed) {
        await sleep(random.whole(0, 4_000))
        await stack.api.request('POST', `/api/attempts/${id}/kill`, {})
      }
      const attempt = await stack.api.finished(id, plan.patience[kind])
      const right = wanted.ends === 'any' || attempt.status === wanted.ends
      if (!right && !(killed && ['killed', 'error'].includes(attempt.status))) {
        const tasks = await stack.api.tasks(id)
        const errors = tasks.flatMap(({ fullName, error }) =>
          error.message === undefined ? [] : [`${fullName}: ${error.message.slice(0, 300)}`],
        )
        faults.push(`${what}: ${attempt.status}, not ${wanted.ends}. ${errors.join('; ')}`)
      }
      counts[kind] += 1
      if (process.env['SUIRO_CHAOS_VERBOSE']) {
        print(`${what}: ${attempt.status} after ${((Date.now() - began) / 1000).toFixed(1)} s`)
      }
    } catch (error) {
      const state = id === undefined ? '' : await describeStuck(stack, id).catch(String)
      faults.push(`${what}: ${String(error).slice(0, 200)}\n${state}`)
    }
  }

  /** Runs what comes next, until the time is over. */
  const lanes = (kind: keyof typeof counts, all: readonly Scenario[], count: number) => {
    let at = 0
    return Array.from({ length: count }, async () => {
      while (Date.now() < until) {
        const number = at++
        await run(kind, number, all[number % all.length]!)
      }
    })
  }

  const pulse = setInterval(
    () =>
      void check(stack, before, faults).then(
        (line) => print(`${line}; ${counts.hostile} hostile, ${counts.normal} normal attempts`),
        (error: unknown) => faults.push(`Looking at the servers: ${String(error)}`),
      ),
    60_000,
  )
  const endSchedule = await startSchedule(stack, plan.milliseconds / 60_000)
  try {
    await Promise.all([
      ...lanes('hostile', shuffled(hostileScenarios(places), random), 4),
      ...lanes('normal', normalScenarios(places), 2),
    ])
  } finally {
    clearInterval(pulse)
  }
  faults.push(...(await endSchedule()))
  faults.push(...(await leftOver(stack, before, mark, plan)))
  return { faults, ...counts }
}

const shuffled = (all: readonly Scenario[], random: Random): readonly Scenario[] =>
  all
    .map((scenario) => ({ scenario, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ scenario }) => scenario)

/** A schedule of every minute; answers a function that stops it and says what is wrong with its sessions. */
async function startSchedule(stack: Stack, minutes: number): Promise<() => Promise<string[]>> {
  const { status, body } = await stack.api.push('scheduled', scheduled)
  if (status !== 200) throw new Error(`scheduled: ${JSON.stringify(body)}`)
  return async () => {
    const answer = await stack.api.request('GET', '/api/attempts?project=scheduled')
    await stack.api.request('DELETE', `/api/projects/${String(body['id'])}`)
    const attempts = answer.body['attempts'] as readonly { readonly status: string }[]
    const wrong = attempts.filter((attempt) => !['success', 'running'].includes(attempt.status))
    // A page holds no more than 100.
    const least = Math.min(100, Math.floor(minutes) - 1)
    return [
      ...(wrong.length > 0 ? [`${wrong.length} sessions of the schedule failed`] : []),
      ...(attempts.length < least ? [`${attempts.length} sessions, not ${least}`] : []),
    ]
  }
}

interface Look {
  readonly worker: Vitals | undefined
  readonly api: Vitals | undefined
}

const look = async ({ worker, apiProcess }: Stack): Promise<Look> => ({
  worker: await vitalsOf(worker.pid ?? 0),
  api: await vitalsOf(apiProcess.pid ?? 0),
})

const shown = (vitals: Vitals | undefined): string =>
  vitals === undefined ? 'gone' : `${vitals.residentMiB} MiB, ${vitals.handles} handles`

/** Answers a line that says how the servers are. */
async function check(stack: Stack, before: Look, faults: string[]): Promise<string> {
  const now = await look(stack)
  for (const part of ['worker', 'api'] as const) {
    if (now[part] === undefined) faults.push(`The ${part} (process ${before[part]?.pid}) is gone`)
  }
  const [open] = await stack.query<{ n: number }>(
    'select count(*)::int as n from attempts where finished_at is null',
  )
  return `worker ${shown(now.worker)}; API ${shown(now.api)}; ${open?.n} attempts open`
}

/** How long everything may take to be tidy after the load. */
const tidyingMs = 60_000

/** Sentences about what is not as it was before the load; asked again for a while. */
async function leftOver(
  stack: Stack,
  before: Look,
  mark: string,
  plan: Plan,
): Promise<readonly string[]> {
  const find = async (): Promise<readonly string[]> => {
    const found: string[] = []
    plan.print(await check(stack, before, found))
    const now = await look(stack)
    for (const part of ['worker', 'api'] as const) {
      const [was, is, bound] = [before[part], now[part], plan.residentMiB[part]]
      if (was === undefined || is === undefined) continue
      if (is.residentMiB > bound) found.push(`The ${part} holds ${is.residentMiB} MiB`)
      if (is.handles > was.handles + moreHandles) {
        found.push(`The ${part} has ${is.handles} handles, before the load ${was.handles}`)
      }
    }
    const open = await stack.query<{ id: number }>(
      'select id from attempts where finished_at is null',
    )
    for (const { id } of open) {
      found.push(`Attempt ${id} is open\n${await describeStuck(stack, String(id)).catch(String)}`)
    }
    const folders = await readdir(join(stack.env['SUIRO_HOME'] ?? '', 'work')).catch(() => [])
    found.push(...folders.map((folder) => `The folder ${folder} of a task is left`))
    const left = await processesWith(`hostile_mark=${mark}`)
    return [...found, ...left.map((pid) => `Process ${pid} is left`)]
  }
  const deadline = Date.now() + tidyingMs
  let found = await find()
  while (found.length > 0 && Date.now() < deadline) {
    await sleep(5_000)
    found = await find()
  }
  return found
}
