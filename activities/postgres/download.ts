import { createWriteStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { configError, OperatorError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'
import { columnsOf, isFloat, type Column } from './columns.ts'
import { isReport, reportAsCsv } from './report.ts'
import { embedded, explained } from './statements.ts'

/** Writes a stream to `gs://bucket/object`, replacing what is there. */
export type WriteObject = (
  uri: string,
  content: Readable,
  signal: AbortSignal,
) => Promise<{ readonly bytes: number }>

interface Download {
  readonly writeObject: WriteObject
  readonly query: string
  readonly target: string
  /** Of a file in the project's folder. */
  readonly mostFileBytes?: number | undefined
}

/** The worker's disk is shared by all tasks. */
const usualFileBytes = 2 ** 30

/**
 * Writes a query's result as CSV with a header line to a file of the project's folder or, beyond Digdag,
 * to an object `gs://…`; rows are passed on as they come. Answers how many there were.
 */
export async function download(
  client: pg.Client,
  context: OperatorContext<'_workdir'>,
  { writeObject, query, target, mostFileBytes = usualFileBytes }: Download,
): Promise<void> {
  const toObject = target.startsWith('gs://')
  const file = toObject ? undefined : await fileOf(context, target)
  const { signal } = context
  const write = async (rows: Readable): Promise<void> => {
    if (file === undefined) await writeObject(target, rows, signal)
    else await pipeline(rows, limited(mostFileBytes, target), createWriteStream(file), { signal })
  }
  const count = isReport(query)
    ? await writeReport(client, query, write)
    : await copyRows(client, query, write)
  context.log(`Wrote ${count} rows to ${target}`)
  if (!toObject) {
    context.log('The file is gone when this task ends: to use it later, download to gs://…')
  }
}

type Write = (rows: Readable) => Promise<void>

async function copyRows(client: pg.Client, query: string, write: Write): Promise<number> {
  const statement = `copy (${await withWrittenFloats(client, query)}) to stdout with (format csv, header)`
  const rows = client.query(copyTo(statement))
  // A connection that ends after the target has failed reports it here, where nobody else listens.
  rows.on('error', () => undefined)
  await explained(statement, () => write(rows))
  // The count comes with the statement's end, which may arrive after the last row.
  await client.query('commit')
  return rows.rowCount ?? 0
}

async function writeReport(client: pg.Client, query: string, write: Write): Promise<number> {
  const { csv, count } = await reportAsCsv(client, query)
  await write(Readable.from([csv]))
  await client.query('commit')
  return count
}

/** The query, in which floats that are whole are written as such: `5.0`. */
async function withWrittenFloats(client: pg.Client, query: string): Promise<string> {
  await client.query('savepoint suiro_columns')
  const columns = await columnsOf(client, query).catch(() => undefined)
  if (columns === undefined) {
    // What is wrong with the query is said when it is run.
    await client.query('rollback to savepoint suiro_columns')
    return embedded(query)
  }
  await client.query('release savepoint suiro_columns')
  if (!columns.some(isFloat)) return embedded(query)
  const written = columns.map(
    (column, i) => `${writtenAs(column, `c${i}`)} as ${pg.escapeIdentifier(column.name)}`,
  )
  const names = columns.map((_, i) => `c${i}`)
  return `select ${written.join(', ')} from (${embedded(query)}) q(${names.join(', ')})`
}

const writtenAs = (column: Column, name: string): string =>
  isFloat(column)
    ? `${name}::text || case when ${name}::text ~ '^-?[0-9]+$' then '.0' else '' end`
    : name

/** Passes on no more than so many bytes. */
function limited(mostBytes: number, target: string): Transform {
  let bytes = 0
  return new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length
      if (bytes <= mostBytes) return done(null, piece)
      done(
        new OperatorError(
          `The result is larger than ${Math.floor(mostBytes / 2 ** 20)} MiB, the most that is written to a file of the project (${target}). Download it to gs://…, or let the query answer less`,
          { code: 'LIMIT' },
        ),
      )
    },
  })
}

async function fileOf(
  { project, config }: OperatorContext<'_workdir'>,
  target: string,
): Promise<string> {
  const root = await project.directory()
  const file = resolve(root, config.optionalString('_workdir') ?? '', target)
  if (!file.startsWith(root + sep)) {
    throw configError(`download_file '${target}' is outside of the project`)
  }
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder)
    throw configError(`download_file '${target}' is a folder of the project. Name a file`)
  await mkdir(dirname(file), { recursive: true })
  return file
}
