import type pg from 'pg'
import { isObject } from '#workflows/domain/json.ts'
import { pathInProject, renderedFile } from '../bigquery/project-text.ts'
import { configError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import { readConnection, withConnection } from './connection.ts'
import { download, type WriteObject } from './download.ts'
import { cleanUp, runOnce, type StatusTable } from './once.ts'
import { readOptions } from './options.ts'
import { lastResults } from './rows.ts'
import { located, type TaskSql } from './locate.ts'
import { StatementError } from './statement-error.ts'
import { execute, type Statement } from './statements.ts'

export interface PgDeps {
  readonly writeObject: WriteObject
  /** Of a file in the project's folder; absent: 1 GiB. */
  readonly mostFileBytes?: number
}

/** `pg>` runs SQL on PostgreSQL: writes once, or stores or downloads a result. */
export const createPg = ({ writeObject, mostFileBytes }: PgDeps): BuiltIn<'pg'> =>
  builtIn('pg', async (context) => {
    const config = context.config.withDefaults('pg')
    const given = await readQuery(context, config)
    const query = given.sql
    const wanted = readOptions(config, query)
    if (config.boolean('show_query', false)) context.log(query)
    const connection = await readConnection(config, context.secrets)
    return withConnection(connection, context.signal, async (client) => {
      if (wanted.kind === 'write') return write(client, context, wanted)
      // One snapshot for the whole result, and nothing can be written by mistake.
      await client.query('begin transaction isolation level repeatable read read only')
      if (wanted.kind === 'store') return store(client, query, wanted.which)
      const { target } = wanted
      await download(client, context, { writeObject, query, target, mostFileBytes })
      return {}
    }).catch(async (error: unknown) => {
      throw error instanceof StatementError ? await located(error, given, context) : error
    })
  })

/** `pg>: FILE`, `pg>: {data: SQL}`, or the text in `query` without either. */
async function readQuery(
  context: OperatorContext<'_workdir'>,
  config: Config<KeyOf<'pg'>>,
): Promise<TaskSql> {
  const command = config.get('_command')
  if (command === undefined && config.has('query')) return { sql: config.string('query') }
  if (!isObject(command)) {
    const path = config.string('_command')
    return { sql: await renderedFile(context, path), file: pathInProject(context, path) }
  }
  const { data } = command
  if (typeof data !== 'string') throw configError("Parameter 'data' is required but not set")
  return { sql: data }
}

async function write(
  client: pg.Client,
  { task, log }: OperatorContext<never>,
  { statements, once }: { readonly statements: readonly Statement[]; readonly once?: StatusTable },
): Promise<OperatorResult> {
  if (once === undefined) {
    for (const statement of statements) await execute(client, statement)
    return {}
  }
  const queryId = `${task.sessionUuid}.${task.taskId}.${task.retries}`
  if (!(await runOnce(client, queryId, once, statements))) {
    log('An earlier run of this task has written already; nothing was written again')
  }
  await cleanUp(client, queryId, once).catch((error: unknown) => {
    // The statements are committed: to fail now would have them written again by _retry.
    log(`Old rows of ${once.name} were not removed: ${String(error)}`)
  })
  return {}
}

async function store(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<OperatorResult> {
  const last_results = await lastResults(client, query, which)
  return { resetParams: ['pg.last_results'], stored: { pg: { last_results } } }
}
