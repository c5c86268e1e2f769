import type { Json, JsonObject } from '../domain/json.ts'
import type { OperatorName, OptionName } from '../dig/operators/table.ts'
import { storedAt, type TaskSpec } from './task-spec.ts'

/** A file of the batch's folder, or the text itself; `${…}` is rendered in both. */
export type Source = string | { readonly data: string }

/** Options of an operator; one that the table of operators does not name there does not compile. */
type OptionsOf<Name extends OperatorName, Options> = Options & {
  readonly [Key in Exclude<keyof Options, OptionName<Name> | keyof TaskOptions>]: never
}

const spec = <Name extends OperatorName, Options extends object>(
  operator: Name,
  command: Json,
  options: OptionsOf<Name, Options>,
): TaskSpec => ({
  config: { [`${operator}>`]: command, ...(options as JsonObject) },
})

const sourceOf = (source: Source): Json => (typeof source === 'string' ? source : { ...source })

/** Options that every task takes. */
export interface TaskOptions {
  readonly _retry?: number | { readonly limit: number; readonly interval?: number }
}

export interface PgOptions extends TaskOptions {
  /** `gs://bucket/object.csv`: the result is streamed there as CSV with a header. */
  readonly download_file?: string
  readonly create_table?: string
  readonly insert_into?: string
}

/** Runs a statement on PostgreSQL; the connection comes from the project's `pg.*` secrets. */
export const pg = (query: Source, options: PgOptions = {}): TaskSpec =>
  spec('pg', sourceOf(query), options)

/** Runs a query on PostgreSQL and answers its first row. */
export const pgRow = <Row extends JsonObject>(
  query: Source,
  options: TaskOptions = {},
): TaskSpec<Row> => ({
  ...spec('pg', sourceOf(query), { ...options, store_last_results: 'first' }),
  read: (stored) => storedAt(stored, 'pg', 'last_results') as Row,
})

export interface BqOptions extends TaskOptions {
  readonly dataset?: string
  readonly destination_table?: string
  readonly create_disposition?: 'CREATE_IF_NEEDED' | 'CREATE_NEVER'
  readonly write_disposition?: 'WRITE_TRUNCATE' | 'WRITE_APPEND' | 'WRITE_EMPTY'
  readonly priority?: 'INTERACTIVE' | 'BATCH'
  readonly location?: string
}

/** Runs SQL on BigQuery. */
export const bq = (query: Source, options: BqOptions = {}): TaskSpec =>
  spec('bq', sourceOf(query), options)

export interface BqLoadOptions extends TaskOptions {
  readonly destination_table: string
  readonly dataset?: string
  readonly schema?: string | { readonly fields: readonly JsonObject[] }
  readonly source_format?: 'CSV' | 'NEWLINE_DELIMITED_JSON' | 'PARQUET' | 'AVRO'
  readonly skip_leading_rows?: number
  readonly autodetect?: boolean
  readonly write_disposition?: 'WRITE_TRUNCATE' | 'WRITE_APPEND' | 'WRITE_EMPTY'
}

/** Loads files of Cloud Storage into a BigQuery table. */
export const bqLoad = (uri: string | readonly string[], options: BqLoadOptions): TaskSpec =>
  spec('bq_load', uri, options)

/** Writes a BigQuery table to files in Cloud Storage. */
export const bqExtract = (
  table: string,
  destination: string,
  options: TaskOptions & { readonly destination_format?: 'CSV' | 'NEWLINE_DELIMITED_JSON' } = {},
): TaskSpec => spec('bq_extract', table, { destination, ...options })

export interface BqDdlOptions extends TaskOptions {
  readonly create_datasets?: readonly string[]
  readonly empty_datasets?: readonly string[]
  readonly delete_datasets?: readonly string[]
  readonly create_tables?: readonly (string | JsonObject)[]
  readonly empty_tables?: readonly (string | JsonObject)[]
  readonly delete_tables?: readonly string[]
}

/** Creates, empties and deletes BigQuery datasets and tables. */
export const bqDdl = (options: BqDdlOptions): TaskSpec => spec('bq_ddl', null, options)

/** Calls a Python function of the batch's folder; answers what it stored with `digdag.env.store`. */
export const py = <Stored extends JsonObject = JsonObject>(
  method: string,
  params: JsonObject = {},
): TaskSpec<Stored> => ({
  config: { 'py>': method, ...params },
  read: (stored) => stored as Stored,
})

/** Runs a shell command. */
export const sh = (command: string, options: TaskOptions = {}): TaskSpec =>
  spec('sh', command, options)

/** Writes a line to the task's log. */
export const echo = (text: string): TaskSpec => spec('echo', text, {})
