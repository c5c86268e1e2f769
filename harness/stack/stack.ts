import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { anyFreePort } from '#services/shared/free-port.ts'
import { createClient, type Client } from '#client/client.ts'
import { createProcess, type Process } from './process.ts'

/** API and worker as real processes on the real parts that the test setup started. */
export interface Stack {
  readonly api: Client
  readonly url: string
  /** The stack's own database. */
  readonly databaseUrl: string
  readonly env: NodeJS.ProcessEnv
  /** A folder that tasks' commands may write, whoever they run as. */
  readonly scratch: string
  readonly worker: Process
  readonly apiProcess: Process
  /** One more worker, which is not started yet, with these settings beside the stack's own. */
  anotherWorker(settings: NodeJS.ProcessEnv): Promise<Process>
  query<Row extends pg.QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>
  /** The same on another database. */
  queryAt<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]>
  stop(): Promise<void>
}

const setting = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run the tests with npm test`)
  return value
}

/** Starts a stack of its own, with an empty database and what settings are given. */
export async function startStack(settings: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const home = await mkdtemp(join(tmpdir(), 'suiro-e2e-'))
  const scratch = await mkdtemp(join(tmpdir(), 'suiro-scratch-'))
  await chmod(scratch, 0o777)
  const server = setting('TEST_DATABASE_URL')
  const database = `e2e_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${database}`)
  const databaseUrl = new URL(server)
  databaseUrl.pathname = `/${database}`

  const [port, workerPort] = [await anyFreePort('127.0.0.1'), await anyFreePort('127.0.0.1')]
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl.href,
    TEMPORAL_ADDRESS: setting('TEST_TEMPORAL_ADDRESS'),
    // Attempt ids start at 1 in each stack's database, so each has a namespace of its own.
    TEMPORAL_NAMESPACE: await newNamespace(database),
    GOOGLE_CLOUD_PROJECT: setting('TEST_BIGQUERY_PROJECT'),
    BIGQUERY_API_ENDPOINT: setting('TEST_BIGQUERY_ENDPOINT'),
    STORAGE_API_ENDPOINT: setting('TEST_STORAGE_ENDPOINT'),
    SUIRO_HOME: home,
    SUIRO_HOST: '127.0.0.1',
    SUIRO_PORT: String(port),
    SUIRO_URL: `http://127.0.0.1:${port}`,
    SUIRO_WORKER_PORT: String(workerPort),
    SUIRO_SECRET_KEY: randomBytes(32).toString('base64'),
    SUIRO_DRAIN_SECONDS: '5',
    ...settings,
  }
  const url = `http://127.0.0.1:${port}`
  const api = createProcess('services/api/main.ts', env, `${url}/readyz`)
  const worker = createWorker(env, workerPort)
  const others: Process[] = []
  try {
    await Promise.all([api.start(), worker.start()])
  } catch (error) {
    await Promise.all([worker.stop(), api.stop()])
    throw error
  }
  const pool = new pg.Pool({ connectionString: databaseUrl.href, max: 2 })
  return {
    api: createClient(url),
    url,
    databaseUrl: databaseUrl.href,
    env,
    scratch,
    worker,
    apiProcess: api,
    async anotherWorker(more) {
      const at = await anyFreePort('127.0.0.1')
      const other = createWorker({ ...env, SUIRO_WORKER_PORT: String(at), ...more }, at)
      others.push(other)
      return other
    },
    async query<Row extends pg.QueryResultRow>(sql: string, params: readonly unknown[] = []) {
      return (await pool.query<Row>(sql, [...params])).rows
    },
    async queryAt<Row extends pg.QueryResultRow>(url: string, sql: string) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query<Row>(sql)).rows
      } finally {
        await client.end()
      }
    },
    async stop() {
      await Promise.all([worker, ...others, api].map((process) => process.stop()))
      await pool.end()
      await onServer(server, `drop database ${database} with (force)`)
      for (const folder of [home, scratch]) await rm(folder, { recursive: true, force: true })
    },
  }
}

const createWorker = (env: NodeJS.ProcessEnv, port: number): Process =>
  createProcess('services/worker/main.ts', env, `http://127.0.0.1:${port}/readyz`)

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function newNamespace(namespace: string): Promise<string> {
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect({ address: setting('TEST_TEMPORAL_ADDRESS') })
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
    })
    // A new namespace is known to all parts of the server a moment later.
    for (;;) {
      try {
        await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 })
        return namespace
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  } finally {
    await connection.close()
  }
}
