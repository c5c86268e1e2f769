import { expect, test } from 'vitest'
import { createAccounts } from './account.ts'
import { createBigQueryClient } from './client.ts'
import { taskContext } from './testing/context.ts'

const key = JSON.stringify({
  type: 'service_account',
  project_id: 'of-the-key',
  client_email: 'a@example.com',
  private_key: 'none',
})
const settings = { projectId: 'of-the-worker', location: 'EU' }
const accountOf = createAccounts({ ...settings, client: createBigQueryClient(settings) })

test('a task works in the project of its secret, its parameter, its key, its worker, in this order', async () => {
  const projects = [
    taskContext(
      { gcp: { project: 'of-the-parameter' } },
      { secrets: { 'gcp.project': 'of-the-secret', 'gcp.credential': key } },
    ),
    taskContext({ gcp: { project: 'of-the-parameter' } }, { secrets: { 'gcp.credential': key } }),
    taskContext({}, { secrets: { 'gcp.credential': key } }),
    taskContext({}),
  ].map(async (context) => (await accountOf(context)).projectId)
  expect(await Promise.all(projects)).toEqual([
    'of-the-secret',
    'of-the-parameter',
    'of-the-key',
    'of-the-worker',
  ])
})

test('a credential has a client of its own, made once', async () => {
  const secrets = { 'gcp.credential': key }
  const [own, first, second] = await Promise.all([
    accountOf(taskContext({})),
    accountOf(taskContext({}, { secrets })),
    accountOf(taskContext({}, { secrets })),
  ])
  expect(first.api).toBe(second.api)
  expect(first.api).not.toBe(own.api)
})

test('a credential that is no JSON is refused without showing it', async () => {
  const context = taskContext({}, { secrets: { 'gcp.credential': 'top secret' } })
  await expect(accountOf(context)).rejects.toThrow(
    /^Secret 'gcp\.credential' is not the JSON text of a service account's key$/,
  )
})

test('a credential that lacks a field is refused with its name', async () => {
  const context = taskContext({}, { secrets: { 'gcp.credential': '{"project_id":"p"}' } })
  await expect(accountOf(context)).rejects.toThrow(
    /^Secret 'gcp\.credential' cannot be used: .*client_email/,
  )
})

test('without any project the task says which secret is missing', async () => {
  const without = { projectId: '' }
  const accounts = createAccounts({ ...without, client: createBigQueryClient(without) })
  await expect(accounts(taskContext({}))).rejects.toThrow("Missing 'gcp.project' secret")
})

test('a job runs where the task says, else where the worker does', async () => {
  expect((await accountOf(taskContext({}))).location).toBe('EU')
  const bq = { location: 'asia-northeast1' }
  expect((await accountOf(taskContext({ bq }))).location).toBe('asia-northeast1')
})

test("Google's page about a job is shown for the real service only", async () => {
  const real = await accountOf(taskContext({}))
  expect(real.jobPage?.('p-1:asia-northeast1.job_1')).toBe(
    'https://console.cloud.google.com/bigquery?project=of-the-worker&j=bq:asia-northeast1:job_1&page=queryresults',
  )
  const engine = { projectId: 'p', apiEndpoint: 'http://127.0.0.1:1' }
  const accounts = createAccounts({ ...engine, client: createBigQueryClient(engine) })
  expect((await accounts(taskContext({}))).jobPage).toBeUndefined()
})
