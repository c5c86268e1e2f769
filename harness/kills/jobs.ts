import { createBigQueryClient } from '#activities/bigquery/client.ts'
import type { Stack } from '#harness/stack/stack.ts'

/** What BigQuery's engine says of jobs. */
export function jobs(stack: Stack, dataset: string) {
  const { GOOGLE_CLOUD_PROJECT: projectId = '', BIGQUERY_API_ENDPOINT: apiEndpoint = '' } =
    stack.env
  const client = createBigQueryClient({ projectId, apiEndpoint })
  return {
    async prepare(): Promise<void> {
      await client.createDataset(dataset)
      await client.query(`CREATE TABLE ${dataset}.rows (task STRING, n INT64)`)
    },
    /** Ids of the jobs that have not ended. */
    async running(): Promise<readonly string[]> {
      const [found] = await client.getJobs()
      return found
        .filter(({ id, metadata }) => id?.startsWith('suiro_') && metadata.status?.state !== 'DONE')
        .map(({ id }) => id ?? '')
    },
    /** Ids of the jobs that have ended, of which Suiro has not written down how. */
    async withoutEnd(): Promise<readonly string[]> {
      const open = await stack.query<{ job: string }>(
        "select job from usages where state = 'running'",
      )
      const [found] = await client.getJobs()
      const done = new Set(
        found.filter(({ metadata }) => metadata.status?.state === 'DONE').map(({ id }) => id),
      )
      return open.map(({ job }) => job).filter((job) => done.has(job))
    },
    /** The tasks of these attempts that have left more than one row. */
    async twice(attemptIds: readonly string[]): Promise<readonly string[]> {
      const [rows] = await client.query(
        `SELECT task FROM ${dataset}.rows GROUP BY task HAVING COUNT(*) > 1`,
      )
      return (rows as readonly { task: string }[])
        .map(({ task }) => task)
        .filter((task) => attemptIds.includes(task.split(' ')[0] ?? ''))
    },
  }
}
