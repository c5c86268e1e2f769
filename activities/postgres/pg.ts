import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { isObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { Operator, OperatorContext, OperatorResult } from '../task/operator.ts'
import { connectionOf, withConnection } from './connection.ts'
import { runOnce } from './once.ts'
import { lastResults } from './rows.ts'

export interface PgDeps {
  /** Writes a stream to `gs://bucket/object`, replacing what is there. */
  readonly writeObject: (
    uri: string,
    content: Readable,
    signal: AbortSignal,
  ) => Promise<{ readonly bytes: number }>
}

/** `pg>` runs SQL on PostgreSQL: writes once, or stores or downloads a result. */
export const createPg = (deps: PgDeps): Operator => ({
  name: 'pg',
  secrets: ['pg.*', '*'],
  retries: true,
  async run(context) {
    const config = context.config.withDefaults('pg')
    const query = await sql(context, config)
    const settings = await connectionOf(context)
    const wanted = readOptions(config)
    return withConnection(settings, context.signal, async (client) => {
      switch (wanted.kind) {
        case 'write':
          return write(client, context, config, wanted.statements(query))
        case 'store':
          return store(client, query, wanted.which)
        case 'download':
          return download(client, context, deps, query, wanted.target)
      }
    })
  },
})

/** `pg>: FILE`, or `pg>: {data: SQL}`; variables are rendered in both. */
async function sql(context: OperatorContext, config: Config): Promise<string> {
  const command = config.get('_command')
  if (isObject(command)) {
    const data = command['data']
    if (typeof data !== 'string') throw configError("Parameter 'data' is required but not set")
    return data
  }
  return context.render(await context.project.text(config.string('_command')))
}

type Wanted =
  | { readonly kind: 'write'; readonly statements: (query: string) => readonly string[] }
  | { readonly kind: 'store'; readonly which: 'first' | 'all' }
  | { readonly kind: 'download'; readonly target: string }

function readOptions(config: Config): Wanted {
  const createTable = config.optionalString('create_table')
  const insertInto = config.optionalString('insert_into')
  const target = config.optionalString('download_file')
  const which = storeOption(config)
  const given = { create_table: createTable, insert_into: insertInto, download_file: target }
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined)
  if (chosen.length > 1 || (chosen.length === 1 && which !== undefined)) {
    const names = [...chosen.map(([name]) => name), ...(which ? ['store_last_results'] : [])]
    throw configError(`${names.join(' and ')} can't be used together: keep one of them`)
  }
  if (target !== undefined) return { kind: 'download', target }
  if (which !== undefined) return { kind: 'store', which }
  if (createTable !== undefined) {
    const table = quoted(createTable)
    return {
      kind: 'write',
      statements: (query) => [
        `drop table if exists ${table}`,
        `create table ${table} as ${bare(query)}`,
      ],
    }
  }
  if (insertInto !== undefined) {
    const table = quoted(insertInto)
    return { kind: 'write', statements: (query) => [`insert into ${table} ${bare(query)}`] }
  }
  return { kind: 'write', statements: (query) => [query] }
}

function storeOption(config: Config): 'first' | 'all' | undefined {
  const value = String(config.get('store_last_results') ?? 'false')
  if (value === 'false') return undefined
  if (value === 'true' || value === 'first') return 'first'
  if (value === 'all') return 'all'
  throw configError(`Expected 'first' or 'all' for key 'store_last_results' but got "${value}"`)
}

async function write(
  client: pg.Client,
  context: OperatorContext,
  config: Config,
  statements: readonly string[],
): Promise<OperatorResult> {
  if (!config.boolean('strict_transaction', true)) {
    for (const statement of statements) await client.query(statement)
    return {}
  }
  const { sessionUuid, taskId, retries } = context.task
  const wrote = await runOnce(
    client,
    `${sessionUuid}.${taskId}.${retries}`,
    {
      schema: config.optionalString('status_table_schema'),
      name: config.optionalString('status_table') ?? '__digdag_status',
      cleanupSeconds: config.optionalDuration('status_table_cleanup') ?? 24 * 3600,
    },
    statements,
  )
  if (!wrote)
    context.log('The statement was done by an earlier run of this task; nothing was written again')
  return {}
}

async function store(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<OperatorResult> {
  return readOnly(client, async () => ({
    resetParams: ['pg.last_results'],
    stored: { pg: { last_results: await lastResults(client, query, which) } },
  }))
}

async function download(
  client: pg.Client,
  context: OperatorContext,
  deps: PgDeps,
  query: string,
  target: string,
): Promise<OperatorResult> {
  return readOnly(client, async () => {
    const copy = `copy (${bare(query)}\n) to stdout with (format csv, header)`
    const rows = client.query(copyTo(copy))
    if (target.startsWith('gs://')) {
      const { bytes } = await deps.writeObject(target, rows, context.signal)
      context.log(`Wrote ${rows.rowCount} rows (${bytes} bytes) to ${target}`)
      return {}
    }
    const root = await context.project.directory()
    const file = resolve(root, target)
    if (relative(root, file).startsWith('..')) {
      throw configError(`download_file '${target}' is outside of the project`)
    }
    await mkdir(dirname(file), { recursive: true })
    await pipeline(rows, createWriteStream(file), { signal: context.signal })
    context.log(`Wrote ${rows.rowCount} rows to ${target}`)
    return {}
  })
}

/** One snapshot for the whole result, and nothing can be written by mistake. */
async function readOnly<Result>(client: pg.Client, body: () => Promise<Result>): Promise<Result> {
  await client.query('begin transaction isolation level repeatable read read only')
  try {
    return await body()
  } finally {
    await client.query('rollback').catch(() => undefined)
  }
}

/** A statement without the semicolon at its end, to be put into another one. */
const bare = (query: string): string => query.trim().replace(/;\s*$/, '')

const quoted = (table: string): string => table.split('.').map(pg.escapeIdentifier).join('.')
