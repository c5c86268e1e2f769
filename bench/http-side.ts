import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '#client/client.ts'
import { accepted } from '#client/request.ts'
import type { Attempt } from '#client/views.ts'
import { median } from './median.ts'
import type { Side } from './side.ts'

const minute = 60_000
const commandCounts = [50] as const

/** A server that is spoken to by Digdag's API: Suiro, or a Digdag. */
export async function createHttpSide(name: string, client: Client): Promise<Side> {
  const project = `bench-compare-${Date.now()}`
  const list = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, at) => at))
  const files: Record<string, string> = { 'one.dig': 'timezone: UTC\n+only:\n  echo>: hello\n' }
  for (const count of commandCounts) {
    files[`commands${count}.dig`] =
      `timezone: UTC\n+all:\n  for_each>:\n    x: ${list(count)}\n  _parallel: true\n  _do:\n    sh>: ":"\n`
  }
  accepted(await client.push(project, files))
  const { id } = await client.project(project)
  const one = await client.workflowId(id, 'one')

  // Each session once: a minute after the one before.
  let session = Date.parse('2001-01-01T00:00:00Z')
  const nextSession = (): string => {
    session += minute
    return new Date(session).toISOString().replace('.000', '')
  }
  const start = async (workflowId: string): Promise<Attempt> => {
    const body = { workflowId, sessionTime: nextSession(), params: {} }
    return accepted(await client.request('PUT', '/api/attempts', body)) as Attempt
  }
  const finished = async (attempt: Attempt): Promise<void> => {
    const began = performance.now()
    for (;;) {
      const { done, success } = await client.attempt(attempt.id)
      if (done && !success) throw new Error(`Attempt ${attempt.id} of ${name} did not succeed`)
      if (done) return
      // A short one is seen to end at once; of one that takes seconds, asking is not to be a part.
      await sleep(Math.min(5 + (performance.now() - began) / 20, 100))
    }
  }
  const allFinished = async (attempts: readonly Attempt[]): Promise<void> => {
    const open = new Set(attempts.map((attempt) => attempt.id))
    // A list of all costs the server as much as a session does, so one alone is asked for as long as it is open.
    const last = attempts.at(-1)
    if (last !== undefined) await finished(last)
    while (open.size > 0) {
      const path = `/api/attempts?project=${project}&page_size=100`
      const page = accepted(await client.request('GET', path)) as { attempts: readonly Attempt[] }
      for (const attempt of page.attempts) if (attempt.done) open.delete(attempt.id)
      if (open.size > 0) await sleep(50)
    }
  }
  const oneSession = async (workflowId = one): Promise<number> => {
    const began = performance.now()
    await finished(await start(workflowId))
    return performance.now() - began
  }

  return {
    name,
    oneSession: () => oneSession(),
    async sessionsAtOnce(count) {
      const began = performance.now()
      await allFinished(await Promise.all(Array.from({ length: count }, () => start(one))))
      return (count * 1000) / (performance.now() - began)
    },
    async startsAtOnce(count) {
      const took: number[] = []
      const attempts = await Promise.all(
        Array.from({ length: count }, async () => {
          const began = performance.now()
          const attempt = await start(one)
          took.push(performance.now() - began)
          return attempt
        }),
      )
      await allFinished(attempts)
      return median(took)
    },
    async commands(count) {
      const workflow = await client.workflowId(id, `commands${count}`)
      return (await oneSession(workflow)) / count
    },
    close: () => Promise.resolve(),
  }
}
