import { randomBytes } from 'node:crypto'
import type { HelperServer } from '../http-server.ts'
import type { EnginePlaces } from './places.ts'

/** What cases of BigQuery's operators work in: a data set of its own, `${bq_dataset}` of `${bq_project}`. */
export async function prepareBigQuery({ bigquery, project }: EnginePlaces): Promise<HelperServer> {
  const datasetId = `conformance_${randomBytes(4).toString('hex')}`
  const at = `${bigquery}/bigquery/v2/projects/${project}/datasets`
  const made = await fetch(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ datasetReference: { projectId: project, datasetId } }),
  })
  if (!made.ok) throw new Error(`${at} answered ${made.status}`)
  return {
    params: { bq_project: project, bq_dataset: datasetId },
    async close() {
      await fetch(`${at}/${datasetId}?deleteContents=true`, { method: 'DELETE' })
    },
  }
}
