import { randomUUID } from 'node:crypto'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { BigQueryDeps } from '../account.ts'
import { createBigQueryClient } from '../client.ts'
import { usualPace } from '../patience.ts'

/** Address of the BigQuery engine that the test setup has started. */
export function engineEndpoint(): string {
  const endpoint = process.env['TEST_BIGQUERY_ENDPOINT']
  if (!endpoint) {
    throw new Error('TEST_BIGQUERY_ENDPOINT is not set: run these tests through npm test')
  }
  return endpoint
}

export const projectId = 'suiro-test'

/** The usual pace, faster. */
export const quickPace = {
  ...usualPace,
  firstPollMs: 20,
  longestPollMs: 100,
  firstRetryMs: 10,
  longestRetryMs: 40,
  outageMs: 2_000,
  missingMs: 2_000,
  stopMs: 5_000,
}

/** What the operators need, on the engine or on a proxy before it. */
export const engineDeps = (apiEndpoint = engineEndpoint()): BigQueryDeps => ({
  client: createBigQueryClient({ projectId, apiEndpoint }),
  projectId,
  apiEndpoint,
  pace: quickPace,
})

/** A data set of a test file's own. */
export async function createDataset(): Promise<string> {
  const id = `t_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  await createBigQueryClient({ projectId, apiEndpoint: engineEndpoint() }).createDataset(id)
  return id
}

/** Rows of a query, read past the operators. */
export async function rows(sql: string): Promise<readonly JsonObject[]> {
  const client = createBigQueryClient({ projectId, apiEndpoint: engineEndpoint() })
  const [found] = await onceMore(() => client.query(sql))
  return found as JsonObject[]
}

/** Ids of the engine's jobs whose id holds this text. */
export async function jobsNamed(text: string): Promise<readonly string[]> {
  const client = createBigQueryClient({ projectId, apiEndpoint: engineEndpoint() })
  const [jobs] = await onceMore(() => client.getJobs())
  return jobs.map(({ id }) => id ?? '').filter((id) => id.includes(text))
}

/** The engine closes a connection that was idle for five seconds, sometimes just when a call goes out on it. */
const onceMore = <Answer>(call: () => Promise<Answer>): Promise<Answer> =>
  call().catch((error: unknown) => {
    if (!String(error).includes('socket hang up')) throw error
    return call()
  })
