import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runExamplesOn } from '#harness/stack/run-examples.ts'
import type { Stack } from '#harness/stack/stack.ts'

const tables = [
  'departures',
  'summary_by_hour',
  'summary_by_place',
  'summary_by_distance',
  'report',
]

/** The example's day, in both forms, on a stack that has seen nothing else with a schedule or a BigQuery job. */
export function exampleTests(stack: () => Stack): void {
  // A day's batch is thirty tasks, and the machine may be busy with other tests.
  vi.setConfig({ testTimeout: 180_000 })
  const printed: string[] = []
  beforeAll(() => runExamplesOn(stack(), (line) => void printed.push(line)), 180_000)
  afterAll(() => vi.resetConfig())

  /** A day's rows of every table of a dataset, in an order of their own. */
  async function rowsOf(dataset: string, day: string): Promise<Readonly<Record<string, string[]>>> {
    const client = new BigQuery({
      projectId: stack().env['GOOGLE_CLOUD_PROJECT']!,
      apiEndpoint: stack().env['BIGQUERY_API_ENDPOINT']!,
      authClient: new PassThroughClient(),
    })
    const contents = tables.map(async (table) => {
      const query = `SELECT * FROM \`${dataset}.${table}\` WHERE day = DATE '${day}'`
      const [rows] = await client.query({ query })
      return [table, rows.map((row) => JSON.stringify(row)).sort()] as const
    })
    return Object.fromEntries(await Promise.all(contents))
  }

  async function run(project: string, day: string, retryAttemptName?: string): Promise<void> {
    const session = `${day}T00:00:00+09:00`
    const more = retryAttemptName === undefined ? {} : { retryAttemptName }
    const started = await stack().api.start(project, 'reservations_daily', session, more)
    expect(started.status).toBe(200)
    const attempt = await stack().api.finished(started.body['id'] as string, 120)
    expect(attempt.status).toBe('success')
  }

  test('the first run ends with the report of the real day', async () => {
    const text = printed.join('\n')
    expect(text).toMatch(/departures +220/)
    expect(text).toMatch(/busiest place +Chicago/)
    const source = new URL(stack().databaseUrl)
    source.pathname = '/reservations'
    const [{ count } = { count: '' }] = await stack().queryAt<{ count: string }>(
      source.href,
      "select count(*) from departures where departed_at::date = '2001-01-05'",
    )
    const rows = await rowsOf('reservations', '2001-01-05')
    expect(rows['departures']).toHaveLength(Number(count))
    expect(rows['report']).toHaveLength(1)
  })

  test('running a day again leaves the same rows', async () => {
    const before = await rowsOf('reservations', '2001-01-05')
    await run('reservations', '2001-01-05', 'again')
    expect(await rowsOf('reservations', '2001-01-05')).toEqual(before)
  })

  test('another day, and the TypeScript batch makes the same of it as the .dig project', async () => {
    await run('reservations', '2001-01-06')
    await run('reservations-ts', '2001-01-06')
    const rows = await rowsOf('reservations', '2001-01-06')
    expect(rows['departures']!.length).toBeGreaterThan(100)
    expect(await rowsOf('reservations_ts', '2001-01-06')).toEqual(rows)
  })

  test('a day without departures ends well and loads nothing', async () => {
    await run('reservations', '2001-06-01')
    await run('reservations-ts', '2001-06-01')
    expect((await rowsOf('reservations', '2001-06-01'))['departures']).toEqual([])
  })

  test('the TypeScript batch is listed and scheduled like a .dig workflow', async () => {
    const { body } = await stack().api.request('GET', '/api/schedules')
    const schedules = body['schedules'] as {
      project: { name: string }
      workflow: { name: string }
    }[]
    expect(
      schedules.map(({ project, workflow }) => `${project.name}/${workflow.name}`).sort(),
    ).toEqual(['reservations-ts/reservations_daily', 'reservations/reservations_daily'])
  })

  test('each BigQuery task shows its job in the history, and every job ran once', async () => {
    const rows = await stack().query<{ full_name: string; bigquery_job: string | null }>(
      "select full_name, bigquery_job from reporting.tasks where operator in ('bq', 'bq_load', 'bq_extract')",
    )
    expect(rows.length).toBeGreaterThan(20)
    const jobs = rows.map((row) => row.bigquery_job)
    expect(jobs.every((job) => job !== null)).toBe(true)
    expect(new Set(jobs).size).toBe(jobs.length)
  })
}
