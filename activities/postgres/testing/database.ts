import { text } from 'node:stream/consumers'
import pg from 'pg'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createTestDatabase } from '#store/testing.ts'
import type { OperatorResult } from '../../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import type { WriteObject } from '../download.ts'
import { createPg, type PgDeps } from '../pg.ts'

/** A database of its own on the real server, and `pg>` tasks that work on it. */
export async function createPgStage() {
  const database = await createTestDatabase()
  const { hostname, port, username, password, pathname } = new URL(database.url)
  const params = { host: hostname, port, user: username, database: pathname.slice(1) }
  const secrets = { 'pg.password': decodeURIComponent(password) }
  const objects = new Map<string, string>()
  const keep: WriteObject = async (uri, content) => {
    const csv = await text(content)
    objects.set(uri, csv)
    return { bytes: csv.length }
  }

  const contextOf = (query: string | JsonObject, task: TestTask = {}): TestContext => {
    const { data = null, ...more } = typeof query === 'string' ? { data: query } : query
    const all = { pg: params, ...(data === null ? {} : { _command: { data } }), ...more }
    return operatorContext({ secrets: ['pg.*'] }, all, {
      ...task,
      secrets: { ...secrets, ...task.secrets },
    })
  }

  return {
    params,
    secrets,
    objects,
    contextOf,
    run: (
      context: TestContext,
      writeObject = keep,
      more: Partial<PgDeps> = {},
    ): Promise<OperatorResult> => createPg({ writeObject, ...more }).run(context),
    /** Runs a query with the options beside it. */
    pg: (query: string | JsonObject, task: TestTask = {}): Promise<OperatorResult> =>
      createPg({ writeObject: keep }).run(contextOf(query, task)),
    /** Rows as arrays, by another connection. */
    async rows(sql: string): Promise<unknown[]> {
      return (await database.pool.query({ text: sql, rowMode: 'array' })).rows
    },
    /** A connection that holds something while a task runs. */
    async connect(): Promise<pg.Client> {
      const client = new pg.Client({ connectionString: database.url })
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    close: () => database.drop(),
  }
}

export type PgStage = Awaited<ReturnType<typeof createPgStage>>

/** Statements of `pg>` tasks that the server works on now. */
export const running = (stage: PgStage): Promise<unknown[]> =>
  stage.rows(
    "select query from pg_stat_activity where application_name = 'suiro' and state = 'active' and datname = current_database()",
  )
