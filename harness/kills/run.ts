import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '#harness/stack/stack.ts'
import { disturb } from '../disturb.ts'
import { createEnds } from '../ends.ts'
import type { Random } from '../random.ts'
import { jobs } from './jobs.ts'
import { livingOf } from '#activities/testing/living.ts'
import { scenarios, type Marks, type Scenario } from './scenario.ts'

export interface Outcome {
  /** What went wrong, a sentence each. */
  readonly faults: readonly string[]
  readonly killed: number
  readonly restarts: number
}

export interface Plan {
  readonly runs: number
  /** Attempts that run at a time. */
  readonly atOnce: number
  readonly marks: Marks
  readonly params: object
  readonly secrets: Readonly<Record<string, string>>
  readonly print: (line: string) => void
}

const patience = { disturbed: 120, calm: 120 }

/** Runs workflows, kills most of them at a random moment, and their worker now and then. */
export async function runKills(stack: Stack, random: Random, plan: Plan): Promise<Outcome> {
  const ends = createEnds(stack.api, patience)
  const once: string[] = []
  let killed = 0

  const one = async (at: number, wanted: Scenario): Promise<void> => {
    const project = `kills_${at}`
    const pushed = await stack.api.push(project, wanted.files)
    if (pushed.status !== 200) throw new Error(`${wanted.name}: ${JSON.stringify(pushed.body)}`)
    for (const [key, value] of Object.entries(plan.secrets)) {
      const path = `/api/projects/${String(pushed.body['id'])}/secrets/${key}`
      await stack.api.request('PUT', path, { value })
    }
    const more = { params: plan.params }
    const started = await stack.api.start(project, 'main', '2001-01-05T00:00:00Z', more)
    const id = String(started.body['id'])
    if (!wanted.repeats) once.push(id)
    if (random.chance(0.8)) {
      await sleep(random.whole(0, 3_000))
      const answer = await stack.api.request('POST', `/api/attempts/${id}/kill`, {})
      if (answer.status === 200) killed += 1
    }
    await ends.see(id, wanted.name, ({ cancelRequested, success }) =>
      cancelRequested && success ? 'was killed and is a success' : undefined,
    )
  }

  const all = scenarios(random, plan.marks)
  const queue = Array.from({ length: plan.runs }, (_, at) => all[at % all.length]!).entries()
  const lane = async (): Promise<void> => {
    for (const [at, wanted] of queue) {
      await one(at, wanted)
      if ((at + 1) % 25 === 0) plan.print(`${at + 1} of ${plan.runs} attempts`)
    }
  }
  let restarts = 0
  const disturbance = disturb(stack, random, [2_000, 8_000])
  try {
    await Promise.all(Array.from({ length: plan.atOnce }, lane))
  } finally {
    restarts = await disturbance.stop()
  }
  const faults = [...(await ends.faults()), ...(await leftBehind(plan.marks, stack, once))]
  return { faults, killed, restarts }
}

/** How long what an attempt started may take to be gone when the attempt has ended, in milliseconds. */
const tidying = 30_000

async function leftBehind(
  { folder, dataset }: Marks,
  stack: Stack,
  once: readonly string[],
): Promise<readonly string[]> {
  const engine = jobs(stack, dataset)
  const pids = (await readFile(`${folder}/pids`, 'utf8').catch(() => '')).trim().split('\n')
  const look = async (): Promise<readonly string[]> => [
    ...(await livingOf(pids)).map((pid) => `process ${pid} is left`),
    ...(await engine.running()).map((job) => `job ${job} is left running`),
    ...(await engine.withoutEnd()).map((job) => `job ${job} has ended, and its usage has not`),
  ]
  const deadline = Date.now() + tidying
  let left = await look()
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(500)
    left = await look()
  }
  return [...left, ...(await engine.twice(once)).map((task) => `the job of ${task} ran twice`)]
}
