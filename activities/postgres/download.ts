import { createWriteStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { configError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'
import { embedded, explained } from './statements.ts'

/** Writes a stream to `gs://bucket/object`, replacing what is there. */
export type WriteObject = (
  uri: string,
  content: Readable,
  signal: AbortSignal,
) => Promise<{ readonly bytes: number }>

/**
 * Writes a query's result as CSV with a header line to a file of the project's folder or, beyond Digdag,
 * to an object `gs://…`; rows are passed on as they come. Answers how many there were.
 */
export async function download(
  client: pg.Client,
  context: OperatorContext,
  writeObject: WriteObject,
  query: string,
  target: string,
): Promise<void> {
  const toObject = target.startsWith('gs://')
  const file = toObject ? undefined : await fileOf(context, target)
  const statement = `copy (${embedded(query)}) to stdout with (format csv, header)`
  const rows = client.query(copyTo(statement))
  // A connection that ends after the target has failed tells it here, where nobody else listens.
  rows.on('error', () => undefined)
  await explained(statement, async () => {
    if (file === undefined) await writeObject(target, rows, context.signal)
    else await pipeline(rows, createWriteStream(file), { signal: context.signal })
  })
  // The count comes with the statement's end, which may arrive after the last row.
  await client.query('commit')
  context.log(`Wrote ${rows.rowCount} rows to ${target}`)
  if (!toObject) {
    context.log('The file is gone when this task ends: to use it later, download to gs://…')
  }
}

async function fileOf({ project, config }: OperatorContext, target: string): Promise<string> {
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
