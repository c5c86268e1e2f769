import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '#harness/stack/stack.ts'
import { disturb } from '../disturb.ts'
import { createEnds } from '../ends.ts'
import type { Random } from '../random.ts'
import { historiesOf } from './histories.ts'
import { replayAll } from './replay.ts'
import { pairs, scenario, type Scenario } from './scenario.ts'

export interface Outcome {
  /** What went wrong, a sentence each. */
  readonly faults: readonly string[]
  readonly restarts: number
  readonly histories: number
}

export interface Plan {
  readonly runs: number
  /** Attempts that run at a time. */
  readonly atOnce: number
  readonly print: (line: string) => void
}

const patience = { disturbed: 240, calm: 120 }

/** Runs random workflows while the worker is stopped and killed at random moments, then replays them all. */
export async function runRestarts(stack: Stack, random: Random, plan: Plan): Promise<Outcome> {
  const ends = createEnds(stack.api, patience)
  const wanted = Array.from({ length: Math.ceil(plan.runs / 144) }, () => pairs(random)).flat()
  const scenarios = wanted.slice(0, plan.runs).map((pair) => scenario(random, pair))
  const ids: string[] = []
  let done = 0

  const one = async (at: number, wanted: Scenario): Promise<void> => {
    const project = `chaos_${at}`
    const pushed = await stack.api.push(project, wanted.files)
    if (pushed.status !== 200) throw new Error(`${wanted.name}: ${JSON.stringify(pushed.body)}`)
    const started = await stack.api.start(project, 'main', '2001-01-05T00:00:00Z')
    const id = String(started.body['id'])
    ids.push(id)
    if (wanted.killAfter !== undefined) {
      await sleep(wanted.killAfter)
      await stack.api.request('POST', `/api/attempts/${id}/kill`)
    }
    await ends.see(id, wanted.name, async (ended) => {
      const right = ended.cancelRequested ? !ended.success : ended.status === wanted.end
      if (right) return undefined
      // A task whose worker was killed twice while it ran is given to no third one, and says so.
      const given = (await stack.api.tasks(id)).some(({ error }) =>
        error.message?.includes('ended the worker twice'),
      )
      return given ? undefined : `ended as ${ended.status}`
    })
    done += 1
    if (done % 25 === 0) plan.print(`${done} of ${plan.runs} attempts have ended`)
  }

  const queue = scenarios.entries()
  const lane = async (): Promise<void> => {
    for (const [at, wanted] of queue) await one(at, wanted)
  }
  let restarts = 0
  // A worker is up within a second: with less time in between no workflow task would ever come to its end.
  const disturbance = disturb(stack, random, [2_000, 9_000])
  try {
    await Promise.all(Array.from({ length: plan.atOnce }, lane))
  } finally {
    restarts = await disturbance.stop()
  }
  const faults = [...(await ends.faults())]
  plan.print(`${ids.length} attempts, ${restarts} restarts; replaying their histories …`)

  let histories = 0
  for (const id of ids) {
    const found = await historiesOf(stack, id)
    histories += found.length
    faults.push(...(await replayAll(found)))
  }
  return { faults, restarts, histories }
}
