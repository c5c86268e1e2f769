import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { operators, type OptionName } from '#workflows/dig/operators/table.ts'
import type { KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import { configuredLabels } from './labels.ts'
import { parseDataset, parseTable, type DatasetReference } from './table-reference.ts'

type Kind = 'text' | 'digits' | 'integer' | 'boolean' | 'texts' | 'object' | 'objects'
/** BigQuery's own name of an option, and what it holds. */
type PassedOn<Key extends string> = Readonly<Record<Key, readonly [name: string, kind: Kind]>>

/** Options that are read by hand. */
type Common = 'dataset' | 'labels' | 'location'

/** Options of `bq>` that are passed on under BigQuery's own name. */
const queryOptions: PassedOn<
  Exclude<OptionName<'bq'>, Common | 'data' | 'query' | 'destination_table' | 'use_legacy_sql'>
> = {
  allow_large_results: ['allowLargeResults', 'boolean'],
  clustering: ['clustering', 'object'],
  create_disposition: ['createDisposition', 'text'],
  encryption_configuration: ['destinationEncryptionConfiguration', 'object'],
  flatten_results: ['flattenResults', 'boolean'],
  maximum_billing_tier: ['maximumBillingTier', 'integer'],
  maximum_bytes_billed: ['maximumBytesBilled', 'digits'],
  priority: ['priority', 'text'],
  range_partitioning: ['rangePartitioning', 'object'],
  schema_update_options: ['schemaUpdateOptions', 'texts'],
  table_definitions: ['tableDefinitions', 'object'],
  time_partitioning: ['timePartitioning', 'object'],
  use_query_cache: ['useQueryCache', 'boolean'],
  user_defined_function_resources: ['userDefinedFunctionResources', 'objects'],
  write_disposition: ['writeDisposition', 'text'],
}

const loadOptions: PassedOn<
  Exclude<OptionName<'bq_load'>, Common | 'destination_table' | 'project' | 'schema'>
> = {
  allow_jagged_rows: ['allowJaggedRows', 'boolean'],
  allow_quoted_newlines: ['allowQuotedNewlines', 'boolean'],
  autodetect: ['autodetect', 'boolean'],
  clustering: ['clustering', 'object'],
  create_disposition: ['createDisposition', 'text'],
  decimal_target_types: ['decimalTargetTypes', 'texts'],
  encoding: ['encoding', 'text'],
  encryption_configuration: ['destinationEncryptionConfiguration', 'object'],
  field_delimiter: ['fieldDelimiter', 'text'],
  hive_partitioning_options: ['hivePartitioningOptions', 'object'],
  ignore_unknown_values: ['ignoreUnknownValues', 'boolean'],
  json_extension: ['jsonExtension', 'text'],
  max_bad_records: ['maxBadRecords', 'integer'],
  null_marker: ['nullMarker', 'text'],
  parquet_options: ['parquetOptions', 'object'],
  projection_fields: ['projectionFields', 'texts'],
  quote: ['quote', 'text'],
  range_partitioning: ['rangePartitioning', 'object'],
  schema_update_options: ['schemaUpdateOptions', 'texts'],
  skip_leading_rows: ['skipLeadingRows', 'integer'],
  source_format: ['sourceFormat', 'text'],
  time_partitioning: ['timePartitioning', 'object'],
  use_avro_logical_types: ['useAvroLogicalTypes', 'boolean'],
  write_disposition: ['writeDisposition', 'text'],
}

const extractOptions: PassedOn<Exclude<OptionName<'bq_extract'>, Common | 'destination'>> = {
  compression: ['compression', 'text'],
  destination_format: ['destinationFormat', 'text'],
  field_delimiter: ['fieldDelimiter', 'text'],
  print_header: ['printHeader', 'boolean'],
}

/** The job of a `bq>` task. */
export function queryJob(config: Config<KeyOf<'bq'>>, projectId: string, sql: string): JsonObject {
  refuse('bq', config, operators.bq.refusedOptions)
  const dataset = defaultDataset(config, projectId)
  const destination = config.optionalString('destination_table')
  return {
    query: {
      query: sql,
      useLegacySql: config.boolean('use_legacy_sql', false),
      ...(dataset && { defaultDataset: { ...dataset } }),
      ...(destination !== undefined && {
        destinationTable: { ...parseTable(destination, projectId, dataset) },
      }),
      ...passedOn(config, queryOptions),
    },
    ...configuredLabels(config),
  }
}

/** The job of a `bq_load>` task. */
export function loadJob(
  config: Config<KeyOf<'bq_load'>>,
  projectId: string,
  schema?: JsonObject,
): JsonObject {
  refuse('bq_load', config, operators.bq_load.refusedOptions)
  const destination = config.string('destination_table')
  // Digdag documents it and ignores it; one that was exported may mean anything.
  const project = (config.isLocal('project') && config.optionalString('project')) || projectId
  return {
    load: {
      sourceUris: uris(config, '_command', 'bq_load>'),
      destinationTable: {
        ...parseTable(destination, project, defaultDataset(config, project)),
      },
      ...(schema && { schema }),
      ...passedOn(config, loadOptions),
    },
    ...configuredLabels(config),
  }
}

/** The job of a `bq_extract>` task. */
export function extractJob(config: Config<KeyOf<'bq_extract'>>, projectId: string): JsonObject {
  refuse('bq_extract', config, operators.bq_extract.refusedOptions)
  const source = config.string('_command')
  return {
    extract: {
      sourceTable: { ...parseTable(source, projectId, defaultDataset(config, projectId)) },
      destinationUris: uris(config, 'destination', 'destination'),
      ...passedOn(config, extractOptions),
    },
    ...configuredLabels(config),
  }
}

/** The data set that table names without one belong to. */
export function defaultDataset(
  config: Config<'dataset'>,
  projectId: string,
): DatasetReference | undefined {
  const dataset = config.optionalString('dataset')
  return dataset === undefined ? undefined : parseDataset(dataset, projectId)
}

/** One URI, a list of them, or JSON text of a list; `called` is what a user calls the key. */
function uris<Key extends string>(config: Config<Key>, key: Key, called: string): readonly Json[] {
  const value = config.get(key)
  const isJson = typeof value === 'string' && value.trimStart().startsWith('[')
  const found = isJson ? config.list(key) : config.strings(key)
  if (found.length === 0) {
    throw configError(
      `${called} needs an address in Cloud Storage, gs://BUCKET/OBJECT, or a list of them, but got none`,
    )
  }
  const other = found.find((uri) => typeof uri !== 'string' || !uri.startsWith('gs://'))
  if (other === undefined) return found
  throw configError(
    `${called} takes addresses in Cloud Storage, gs://BUCKET/OBJECT, but got ${JSON.stringify(other)}; a file of the project must be written there first`,
  )
}

/** A job that ignores one of these does something else than was asked for, so it is not run. */
function refuse<Option extends string>(
  operator: string,
  config: Config<Option | 'bq'>,
  options: readonly Option[],
): void {
  const defaults = config.optionalObject('bq') ?? {}
  const asked = options.filter((key) => {
    if (!config.isLocal(key) && !(key in defaults)) return false
    const value = config.get(key)
    return value !== undefined && value !== false && value !== 'false'
  })
  if (asked.length === 0) return
  throw configError(
    `${operator}> does not know ${asked.join(', ')}; nothing was run. Take out what it does not know`,
  )
}

function passedOn<Key extends string>(config: Config<Key>, options: PassedOn<Key>): JsonObject {
  const fields: Record<string, Json> = {}
  for (const [key, [name, kind]] of entriesOf(options)) {
    const value = read(config, key, kind)
    if (value !== undefined) fields[name] = value
  }
  return fields
}

function read<Key extends string>(config: Config<Key>, key: Key, kind: Kind): Json | undefined {
  switch (kind) {
    case 'text':
      return config.optionalString(key)
    case 'digits':
      return wholeText(config.optionalString(key))
    case 'integer':
      return config.optionalInteger(key)
    case 'boolean':
      return config.optionalBoolean(key)
    case 'texts':
      return config.get(key) === undefined ? undefined : config.strings(key)
    case 'object':
      return config.optionalObject(key)
    case 'objects':
      return config.get(key) === undefined ? undefined : config.list(key)
  }
}

/** BigQuery takes large integers as texts; a float such as 1e9 may be one as well. */
function wholeText(text: string | undefined): string | undefined {
  if (text === undefined || !/^-?\d[\d.]*(?:[eE]\+?\d+)?$/.test(text)) return text
  const value = Number(text)
  return /[.eE]/.test(text) && Number.isInteger(value) ? String(BigInt(value)) : text
}

const entriesOf = <Key extends string, Value>(
  record: Readonly<Record<Key, Value>>,
): readonly (readonly [Key, Value])[] => Object.entries(record) as [Key, Value][]
