import { batch } from '../batch.ts'
import { bq, bqDdl, bqExtract, bqLoad, echo, pg, pgRow, py, sh } from '../operators.ts'
import { parallel } from '../settle.ts'
import { reservationsDaily as definition } from './definition.ts'

/** What the source says of the day, to be compared with what arrived. */
type SourceTotals = {
  readonly departures: number
  readonly delay_minutes: number
  readonly distance_miles: number
}

const summaries = ['hour', 'place', 'distance'] as const

/** Stage from PostgreSQL, load into BigQuery, transform, check, report. */
export const reservationsDaily = batch(definition, async ({ task, group, params }) => {
  const stage = `gs://${params.bucket}/${params.dataset}/\${session_date}`
  const again = { _retry: { limit: 2, interval: 5 } } as const

  const source = await group('+stage', async ({ task }) => {
    const totals = task('+source_totals', pgRow<SourceTotals>('queries/source_totals.sql', again))
    const files = ['departures', 'airports'].map((table) =>
      task(
        `+${table}`,
        pg(`queries/extract_${table}.sql`, { download_file: `${stage}/${table}.csv`, ...again }),
      ),
    )
    await parallel([totals, ...files])
    return totals
  })
  if (source.departures === 0) {
    await task('+empty', echo('Nobody departed on ${session_date}: nothing to do'))
    return
  }

  await group('+load', async ({ task }) => {
    await task('+dataset', bqDdl({ create_datasets: [params.dataset] }))
    await task('+tables', bq('queries/create_tables.sql'))
    await parallel(
      ['departures', 'airports'].map((table) =>
        task(
          `+${table}`,
          bqLoad(`${stage}/${table}.csv`, {
            dataset: params.dataset,
            destination_table: `staged_${table}_\${session_date_compact}`,
            schema: `config/${table}.yml`,
            skip_leading_rows: 1,
            write_disposition: 'WRITE_TRUNCATE',
          }),
        ),
      ),
    )
  })

  await group('+transform', async ({ task, group }) => {
    await task('+departures', bq('queries/transform_departures.sql'))
    await group('+summaries', ({ task }) =>
      parallel(summaries.map((by) => task(`+by_${by}`, bq(`queries/summary_by_${by}.sql`)))),
    )
  })

  await group('+check', async ({ task }) => {
    await task('+totals', bq('queries/check_totals.sql'))
    await task('+keys', bq('queries/check_keys.sql'))
    await task('+plausible', py('scripts.checks.plausible'))
  })

  await group('+report', async ({ task }) => {
    await task('+table', bq('queries/report.sql'))
    await task('+file', bqExtract(`${params.dataset}.report`, `${stage}/report.csv`))
    await task('+say', sh('echo "$session_date: $departures departures"'))
  })
})
