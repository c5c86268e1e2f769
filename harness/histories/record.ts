import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { runExamplesOn } from '#harness/stack/run-examples.ts'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { requireKnown } from '#services/embedded/require-known.ts'
import { setup } from '#services/embedded/vitest-setup.ts'
import { historiesOf, type NamedHistory } from '../restarts/histories.ts'
import { cases, type Recorded } from './cases.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

const folder = new URL('../../workflows/histories/', import.meta.url)
const day = '2001-01-05T00:00:00+09:00'

/**
 * `npm run histories`: runs the recorded cases on real parts and writes their histories to
 * `workflows/histories/`, where they must replay for as long as attempts of this version may run.
 * Names limit it to some of them.
 */
export async function recordHistories(
  names: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  requireKnown('case', names, [...cases.map(({ name }) => name), 'tick', 'reservations'])
  const stop = await setup()
  const stack = await startStack().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const keep = async (name: string, found: readonly NamedHistory[]): Promise<void> => {
    // Of a large group its own history and one branch's are enough.
    for (const [place, { history }] of found.slice(0, 2).entries()) {
      const file = place === 0 ? name : `${name}-branch`
      await writeFile(new URL(`${file}.json`, folder), `${nameless(historyToJSON(history))}\n`)
      print(`${file}: ${history.events?.length} events`)
    }
  }
  const wants = (name: string): boolean => names.length === 0 || names.includes(name)
  try {
    for (const wanted of cases) {
      if (wants(wanted.name))
        await keep(wanted.name, await historiesOf(stack, await run(stack, wanted)))
    }
    if (wants('tick')) await keep('tick', [await tick(stack)])
    if (wants('reservations')) {
      for (const [name, id] of await examples(stack)) await keep(name, await historiesOf(stack, id))
    }
  } finally {
    await stack.stop()
    await stop()
  }
}

async function run({ api }: Stack, { name, files, killAt, resumed }: Recorded): Promise<string> {
  await api.push(name, files)
  const start = async (more = {}): Promise<string> =>
    String((await api.start(name, 'main', day, more)).body['id'])
  const id = await start()
  if (killAt !== undefined) {
    await api.taskIn(id, killAt, ['running', 'planned', 'retry_waiting'])
    await sleep(1_500)
    await api.request('POST', `/api/attempts/${id}/kill`)
  }
  await api.finished(id)
  if (resumed === undefined) return id
  const resume = { mode: 'failed', attemptId: id }
  const again = await start({ retryAttemptName: 'again', resume })
  await api.finished(again)
  return again
}

/** A schedule's tick with a delay, fired by hand. */
async function tick({ api, env }: Stack): Promise<NamedHistory> {
  const dig = 'timezone: Asia/Tokyo\nschedule: {cron>: "0 0 1 1 *", delay: 3}\n+a: {echo>: a}\n'
  await api.push('tick', { 'main.dig': dig })
  const { body } = await api.request('GET', '/api/schedules')
  const schedules = body['schedules'] as { id: string; project: { name: string } }[]
  const schedule = schedules.find(({ project }) => project.name === 'tick')
  const connection = await Connection.connect(readTemporalSettings(env, []).connection)
  try {
    const client = createTemporalClient(connection, env['TEMPORAL_NAMESPACE'])
    const handle = client.schedule.getHandle(`tick/main/schedule-${schedule?.id}`)
    await handle.trigger()
    for (;;) {
      const [action] = (await handle.describe()).info.recentActions
      const id = action?.action.workflow.workflowId
      if (id !== undefined) {
        await client.workflow.getHandle(id).result()
        return { workflowId: id, history: await client.workflow.getHandle(id).fetchHistory() }
      }
      await sleep(200)
    }
  } finally {
    await connection.close()
  }
}

/** The same day as a .dig project and as a TypeScript batch. */
async function examples(stack: Stack): Promise<readonly (readonly [string, string])[]> {
  await runExamplesOn(stack, () => undefined)
  const ids: (readonly [string, string])[] = []
  for (const [name, project] of [
    ['reservations-dig', 'reservations'],
    ['reservations-typescript', 'reservations-ts'],
  ] as const) {
    const session = '2001-01-06T00:00:00+09:00'
    const id = String((await stack.api.start(project, 'reservations_daily', session)).body['id'])
    await stack.api.finished(id)
    ids.push([name, id])
  }
  return ids
}

const ofTheMachine: ReadonlySet<string> = new Set([
  'identity',
  'buildId',
  'deploymentName',
  'stackTrace',
])

/** Without what names the machine on which it was recorded. */
const nameless = (json: string): string =>
  JSON.stringify(
    JSON.parse(json, (key, value: unknown) => (ofTheMachine.has(key) ? 'worker' : value)),
  ).replaceAll(/\d+@[\w.-]+(-[0-9a-f]{32})?/g, 'worker')
