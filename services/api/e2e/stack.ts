import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { anyFreePort } from '#services/shared/free-port.ts'
import { createClient, type ApiClient } from './client.ts'

/** API and worker as real processes on the real parts that the test setup started. */
export interface Stack {
  readonly api: ApiClient
  readonly url: string
  /** The stack's own database. */
  readonly databaseUrl: string
  readonly env: NodeJS.ProcessEnv
  /** A folder that tasks' commands may write, whoever they run as. */
  readonly scratch: string
  readonly worker: Process
  readonly apiProcess: Process
  query<Row extends pg.QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>
  /** The same on another database. */
  queryAt<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]>
  stop(): Promise<void>
}

export interface Process {
  /** Of the one that runs; undefined when it has ended. */
  readonly pid: number | undefined
  /** The end of what it has printed since it was started, of its log and else. */
  printed(): string
  start(): Promise<void>
  /** SIGKILL: no chance to tidy up. */
  crash(): Promise<void>
  /** SIGTERM, and waits. */
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../../../', import.meta.url))

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
    SUIRO_WORKER_PORT: String(workerPort),
    SUIRO_SECRET_KEY: randomBytes(32).toString('base64'),
    SUIRO_DRAIN_SECONDS: '5',
    ...settings,
  }
  const url = `http://127.0.0.1:${port}`
  const api = createProcess('services/api/main.ts', env, `${url}/readyz`)
  const worker = createProcess(
    'services/worker/main.ts',
    env,
    `http://127.0.0.1:${workerPort}/readyz`,
  )
  try {
    await api.start()
    await worker.start()
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
      await Promise.all([worker.stop(), api.stop()])
      await pool.end()
      await onServer(server, `drop database ${database} with (force)`)
      for (const folder of [home, scratch]) await rm(folder, { recursive: true, force: true })
    },
  }
}

function createProcess(file: string, env: NodeJS.ProcessEnv, readyUrl: string): Process {
  let child: ChildProcess | undefined
  let output = ''
  const exited = (): Promise<unknown> =>
    child === undefined || child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child?.once('exit', resolve))

  return {
    get pid() {
      return child?.exitCode === null && child.signalCode === null ? child.pid : undefined
    },
    printed: () => output,
    async start() {
      const started = spawn(process.execPath, [file], { cwd: root, env })
      child = started
      output = ''
      const keep = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-1_000_000)
      }
      started.stdout.on('data', keep)
      started.stderr.on('data', keep)
      const deadline = Date.now() + 60_000
      while (!(await answers(readyUrl))) {
        if (started.exitCode !== null)
          throw new Error(`${file} ended at once:\n${output.slice(-10_000)}`)
        if (Date.now() > deadline)
          throw new Error(`${file} is not ready after 60 s:\n${output.slice(-10_000)}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    async crash() {
      child?.kill('SIGKILL')
      await exited()
    },
    async stop() {
      child?.kill('SIGTERM')
      await exited()
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

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
