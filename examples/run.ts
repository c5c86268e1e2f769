import { fileURLToPath } from 'node:url'
import { archiveFolder } from './archive.ts'
import { createClient, type Client } from '#client/client.ts'
import { accepted } from '#client/request.ts'
import type { Attempt, Project } from '#client/views.ts'
import { follow } from './follow.ts'
import { formatReport, readReport } from './report.ts'
import { seedReservations } from './seed.ts'

export interface ExamplesEnv {
  readonly apiUrl: string
  /** The PostgreSQL server that gets the source database. */
  readonly databaseUrl: string
  readonly bucket: string
  readonly bigquery: { readonly projectId: string; readonly apiEndpoint?: string }
  readonly temporalUi?: string
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

const day = '2001-01-05'
const sessionTime = `${day}T00:00:00+09:00`

/** Pushes the examples and runs the main one; throws when it does not succeed. */
export async function runExamples(env: ExamplesEnv): Promise<void> {
  const { apiUrl, databaseUrl, bigquery, temporalUi, print, signal } = env
  const client = createClient(apiUrl, { signal })
  const source = await seedReservations(databaseUrl, print)
  await push(client, 'hello')
  const project = await push(client, 'reservations')
  await setSource(client, project.id, source)
  const { id: batches } = await client.project('reservations-ts')
  await setSource(client, batches, source)

  const { id } = await start(client, 'reservations', 'reservations_daily')
  print(`\nRunning reservations_daily for ${day} (attempt ${id})`)
  if (temporalUi !== undefined) {
    print(`  watch it at ${temporalUi}/namespaces/default/workflows/attempt-${id}`)
  }
  const attempt = await follow({ client, attemptId: id, print, signal })
  if (!attempt.success) {
    const tasks = (await client.tasks(id)).flatMap(({ fullName, error: { message } }) =>
      message === undefined ? [] : [`  ${fullName}: ${message}`],
    )
    throw new Error(
      [
        `The example ended with ${attempt.status}; its logs are at ${apiUrl}/api/logs/${id}/files`,
        ...tasks,
      ].join('\n'),
    )
  }
  print(`\nThe report, from BigQuery:\n`)
  for (const line of formatReport(await readReport({ ...bigquery, dataset: 'reservations' }))) {
    print(line)
  }
  print('\nThe same for another day:\n')
  for (const line of await commands(client, apiUrl, project.id)) print(line)
}

async function push(client: Client, name: string): Promise<Project> {
  const folder = fileURLToPath(new URL(`./${name}`, import.meta.url))
  const { content, revision } = await archiveFolder(folder)
  // 409: this content was pushed before.
  accepted(await client.push(name, content, revision), 409)
  return client.project(name)
}

/** Starts the day's session, or answers the attempt that it has; one that failed is followed by another try. */
async function start(client: Client, project: string, workflow: string): Promise<Attempt> {
  const first = accepted(await client.start(project, workflow, sessionTime), 409) as Attempt
  if (!first.done || first.success) return first
  const retryAttemptName = `again-${Date.now()}`
  const again = await client.start(project, workflow, sessionTime, { retryAttemptName })
  return accepted(again) as Attempt
}

/** Where the source is, as secrets: so it also holds for scheduled runs, and no log shows it. */
async function setSource(client: Client, projectId: string, url: string): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const secrets = {
    'pg.host': hostname,
    'pg.port': port === '' ? '5432' : port,
    'pg.user': username,
    'pg.password': decodeURIComponent(password),
    'pg.database': pathname.slice(1),
  }
  for (const [key, value] of Object.entries(secrets)) {
    accepted(await client.setSecret(projectId, key, value))
  }
}

async function commands(
  client: Client,
  apiUrl: string,
  projectId: string,
): Promise<readonly string[]> {
  const workflowId = await client.workflowId(projectId, 'reservations_daily')
  const body = `{"workflowId": "${workflowId}", "sessionTime": "2001-01-06T00:00:00+09:00", "params": {}}`
  return [
    `  curl -X PUT ${apiUrl}/api/attempts -H 'content-type: application/json' -d '${body}'`,
    `  curl ${apiUrl}/api/attempts/ID          # its status`,
    `  curl ${apiUrl}/api/attempts/ID/tasks    # each task's state`,
    '',
  ]
}
