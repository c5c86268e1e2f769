import { configError } from '../failure.ts'
import type { KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { StatusTable } from './once.ts'
import { transactionControl } from './transaction-control.ts'
import { embedded, tableName, type Statement } from './statements.ts'

/** What is to become of a query. */
export type Wanted =
  | {
      readonly kind: 'write'
      readonly once?: StatusTable
      readonly statements: readonly Statement[]
    }
  | { readonly kind: 'store'; readonly which: 'first' | 'all' }
  | { readonly kind: 'download'; readonly target: string }

/** Reads the options beside `pg>`, in Digdag's words where they cannot go together. */
export function readOptions(config: Config<KeyOf<'pg'>>, query: string): Wanted {
  const createTable = config.optionalString('create_table')
  const insertInto = config.optionalString('insert_into')
  const target = config.optionalString('download_file')
  const which = storeOption(config)
  const writes = createTable !== undefined || insertInto !== undefined
  if (createTable !== undefined && insertInto !== undefined) {
    throw configError("Can't use both of insert_into and create_table")
  }
  if (target !== undefined && writes) {
    throw configError("Can't use download_file with insert_into or create_table")
  }
  if (which !== undefined && writes) {
    throw configError("Can't use store_last_results with insert_into or create_table")
  }
  if (target !== undefined && which !== undefined) {
    throw configError("Can't use both download_file and store_last_results at once")
  }
  if (target !== undefined) return { kind: 'download', target }
  if (which !== undefined) return { kind: 'store', which }
  const once = statusTable(config)
  const control = once === undefined ? undefined : transactionControl(query)
  if (control !== undefined) {
    throw configError(
      `The SQL holds ${control}, but pg> runs it in a transaction of its own so that a repeated run writes nothing twice. Take BEGIN, COMMIT and ROLLBACK out of it, or set 'strict_transaction: false' and write SQL that may run twice`,
    )
  }
  return {
    kind: 'write',
    statements: statementsFor(query, createTable, insertInto),
    ...(once === undefined ? {} : { once }),
  }
}

function statementsFor(
  query: string,
  createTable: string | undefined,
  insertInto: string | undefined,
): readonly Statement[] {
  const one = (text: string): Statement => ({ text, count: 'one' })
  if (createTable !== undefined) {
    const table = tableName(createTable)
    return [one(`drop table if exists ${table}`), one(`create table ${table} as${embedded(query)}`)]
  }
  if (insertInto !== undefined) {
    return [one(`insert into ${tableName(insertInto)}${embedded(query)}`)]
  }
  return [{ text: query, count: 'any' }]
}

function storeOption(config: Config<KeyOf<'pg'>>): 'first' | 'all' | undefined {
  switch (config.optionalString('store_last_results')?.trim() ?? 'false') {
    case 'false':
      return undefined
    case 'true':
    case 'first':
      return 'first'
    case 'all':
      return 'all'
    default:
      throw configError(
        `Expected 'first', 'all' or 'false' for key 'store_last_results' but got ${JSON.stringify(config.get('store_last_results'))}`,
      )
  }
}

/** Undefined when a repeated run may write again. */
function statusTable(config: Config<KeyOf<'pg'>>): StatusTable | undefined {
  const table = {
    schema: config.optionalString('status_table_schema'),
    name: config.optionalString('status_table') ?? '__digdag_status',
    cleanupSeconds: config.optionalDuration('status_table_cleanup') ?? 24 * 3600,
  }
  return config.boolean('strict_transaction', true) ? table : undefined
}
