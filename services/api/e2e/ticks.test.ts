import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type Client, type ScheduleHandle } from '@temporalio/client'
import { beforeAll, expect, test } from 'vitest'
import { useStack } from '#harness/stack/use-stack.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'

// A tick runs as long as its attempt and ends as that does, whatever happens to those who run it.

const stack = await useStack()
let client: Client

beforeAll(async () => {
  const settings = readTemporalSettings(stack.env, [])
  const connection = await Connection.connect(settings.connection)
  client = createTemporalClient(connection, settings.namespace)
  return () => connection.close()
})

const patience = { timeout: 90_000, interval: 200 }

/** A schedule in Temporal, whose attempts run such a command. */
async function scheduled(project: string, command: string): Promise<ScheduleHandle> {
  const dig = `timezone: Asia/Tokyo\nschedule: {daily>: "05:00:00"}\n+a: {sh>: ${JSON.stringify(command)}}\n`
  await stack.api.push(project, { 'daily.dig': dig })
  const { body } = await stack.api.request('GET', `/api/schedules?project=${project}`)
  const [schedule] = body['schedules'] as readonly { readonly id: string }[]
  const handle = client.schedule.getHandle(`${project}/daily/schedule-${schedule?.id}`)
  const known = () =>
    handle.describe().then(
      () => true,
      () => false,
    )
  await expect.poll(known, patience).toBe(true)
  return handle
}

/** How the ticks of a project stand, the first one first. */
async function ticks(project: string): Promise<readonly string[]> {
  const found: { readonly status: string; readonly startTime: Date }[] = []
  const query = `WorkflowId STARTS_WITH "${project}/daily/tick"`
  for await (const { status, startTime } of client.workflow.list({ query })) {
    found.push({ status: status.name, startTime })
  }
  return found.toSorted((a, b) => +a.startTime - +b.startTime).map(({ status }) => status)
}

async function running(project: string): Promise<string> {
  const { body } = await stack.api.request('GET', `/api/attempts?project=${project}`)
  const [attempt] = body['attempts'] as readonly { readonly id: string }[]
  return attempt?.id ?? ''
}

test('a tick that waits outlives its worker, and one that comes to an attempt that runs ends as that does', async () => {
  const handle = await scheduled('outlived', 'sleep 15; exit 3')
  await handle.trigger()
  await expect.poll(() => running('outlived'), patience).not.toBe('')
  const id = await running('outlived')
  await stack.api.taskIn(id, '+daily+a', ['running'])
  // Temporal names a tick by its second.
  await sleep(1_100)
  await handle.trigger()
  await expect.poll(() => ticks('outlived'), patience).toEqual(['RUNNING', 'RUNNING'])
  await stack.worker.crash()
  await stack.worker.start()
  expect(await stack.api.finished(id)).toMatchObject({ status: 'error' })
  await expect.poll(() => ticks('outlived'), patience).toEqual(['FAILED', 'FAILED'])
}, 240_000)

test('who cancels a tick kills its attempt, and is not called by a name of Temporal’s own', async () => {
  const handle = await scheduled('canceled', 'sleep 100')
  await handle.trigger()
  await expect.poll(() => running('canceled'), patience).not.toBe('')
  const id = await running('canceled')
  await stack.api.taskIn(id, '+daily+a', ['running'])
  const [action] = (await handle.describe()).info.recentActions
  await client.workflow.getHandle(action!.action.workflow.workflowId).cancel()
  expect(await stack.api.finished(id)).toMatchObject({ status: 'killed' })
  const { body } = await stack.api.request('GET', `/api/attempts/${id}`)
  expect(body['killedBy']).toEqual({ kind: 'temporal' })
  await expect.poll(() => ticks('canceled'), patience).toEqual(['CANCELLED'])
}, 240_000)
