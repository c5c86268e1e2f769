import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Connection, type Client } from '@temporalio/client'
import { bundleWorkflowCode } from '@temporalio/worker'
import { dataConverter } from '#services/shared/temporal.ts'
import { beforeAll, expect, test } from 'vitest'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { useStack } from '#harness/stack/use-stack.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'
import { bundleWorkflows } from '../bundle.ts'
import { deploymentName } from './deployment.ts'

const stack = await useStack()
let client: Client
let folder: string

beforeAll(async () => {
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
  folder = await mkdtemp(join(tmpdir(), 'suiro-versions-'))
  return async () => {
    await connection.close()
    await rm(folder, { recursive: true, force: true })
  }
})

const dig = `
timezone: UTC
+before: {echo>: before}
+pause: {wait>: 8s}
+after:
  for_each>: {n: [1, 2, 3]}
  _parallel: true
  _do:
    sh>: echo \${n}
`

/** Starts an attempt and answers when it waits between its tasks. */
async function waiting(project: string): Promise<string> {
  expect((await stack.api.push(project, { 'main.dig': dig })).status).toBe(200)
  const { body } = await stack.api.start(project, 'main', '2001-01-05T00:00:00Z')
  const id = String(body['id'])
  await stack.api.taskIn(id, '+main+pause', ['retry_waiting'])
  return id
}

const versionOf = async (attemptId: string): Promise<string | undefined> => {
  const { raw } = await client.workflow.getHandle(await temporalIdOf(stack, attemptId)).describe()
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined
}

const failedTasks = async (attemptId: string): Promise<number> => {
  const { events } = await client.workflow
    .getHandle(await temporalIdOf(stack, attemptId))
    .fetchHistory()
  return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length
}

test('the interpreter changes between two tasks of an attempt: both versions finish what they began', async () => {
  const began = await waiting('began-before')
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('testing/changed-interpreter.ts', import.meta.url)),
    payloadConverterPath: dataConverter.payloadConverterPath,
  })
  const file = join(folder, 'changed.js')
  await writeFile(file, code)
  const newer = await stack.anotherWorker({ SUIRO_WORKFLOW_BUNDLE: file })
  await newer.start()

  const since = await waiting('began-after')
  const ends = [await stack.api.finished(began), await stack.api.finished(since)]
  expect(ends.map(({ status }) => status)).toEqual(['success', 'success'])
  const [older, current] = [await versionOf(began), await versionOf(since)]
  expect(older).toMatch(/^[0-9a-f]{16}$/)
  expect(current).toMatch(/^[0-9a-f]{16}$/)
  expect(current).not.toBe(older)
  expect([await failedTasks(began), await failedTasks(since)]).toEqual([0, 0])

  const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
    namespace: client.options.namespace,
    deploymentName,
  })
  expect(workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId).toBe(current)
  await newer.stop()
  // As if that had been long ago, for what follows.
  await stack.query(`delete from worker_versions where version = $1`, [current])
}, 120_000)

test('an attempt whose version has no worker any more goes on with the version in force', async () => {
  const file = join(folder, 'same.js')
  await writeFile(file, `// Another build of the same code.\n${(await bundleWorkflows()).code}`)
  const newer = await stack.anotherWorker({ SUIRO_WORKFLOW_BUNDLE: file })
  await newer.start()
  const id = await waiting('left-behind')
  const gone = await versionOf(id)
  await newer.stop()
  await stack.query(
    `update worker_versions set seen_at = now() - interval '2 minutes' where version = $1`,
    [gone],
  )
  expect((await stack.api.finished(id, 150)).status).toBe('success')
  expect(await versionOf(id)).not.toBe(gone)
  expect(await failedTasks(id)).toBe(0)
  expect(stack.worker.printed()).toContain('its version of the code has no worker any more')
}, 240_000)
