import type { OptionTexts } from '../spec.ts'

const common = {
  dataset: 'data set of tables named without one: `dataset` or `project:dataset`',
  labels: 'mapping of labels for the job',
  location: 'where the job runs, e.g. `asia-northeast1`',
} as const satisfies OptionTexts

const destination = {
  clustering: 'clustering of the table written to: `{fields: [...]}`',
  create_disposition: '`CREATE_IF_NEEDED` (default) or `CREATE_NEVER`',
  encryption_configuration: 'key of the table written to: `{kmsKeyName: ...}`',
  range_partitioning: 'partitions of the table written to, by a range of whole numbers',
  schema_update_options: '`ALLOW_FIELD_ADDITION`, `ALLOW_FIELD_RELAXATION`',
  time_partitioning: 'partitions of the table written to, by time: `{type: DAY, field: ...}`',
  write_disposition: '`WRITE_TRUNCATE`, `WRITE_APPEND` or `WRITE_EMPTY`',
} as const satisfies OptionTexts

/** Options of `bq>`. */
export const queryOptions = {
  ...common,
  ...destination,
  data: 'the SQL itself: `bq>: {data: "select 1"}`',
  query: 'the SQL itself, where `bq>:` names no file',
  allow_large_results: 'legacy SQL only: results of any size, into `destination_table`',
  destination_table: 'table that the result is written to',
  flatten_results: 'legacy SQL only: nested results are flattened',
  maximum_billing_tier: 'highest billing tier of the job',
  maximum_bytes_billed: 'the job fails without a charge if it would bill more bytes',
  priority: '`INTERACTIVE` (default) or `BATCH`',
  table_definitions: 'external tables of this query, by name',
  use_legacy_sql: 'default false: standard SQL',
  use_query_cache: 'default true',
  user_defined_function_resources: 'legacy SQL only: list of code or its addresses',
} as const satisfies OptionTexts

/** Options of `bq_load>`. */
export const loadOptions = {
  ...common,
  ...destination,
  allow_jagged_rows: 'CSV: missing columns at the end of a row are null',
  allow_quoted_newlines: 'CSV: quoted values may hold line ends',
  autodetect: 'the schema is guessed from the data',
  decimal_target_types: 'types that decimals of the source may become',
  destination_table: 'table to load into; required',
  encoding: '`UTF-8` (default) or `ISO-8859-1`',
  field_delimiter: "CSV: between a row's values; default `,`",
  hive_partitioning_options: 'the objects lie in folders named by partition',
  ignore_unknown_values: 'values that the schema does not name are dropped',
  json_extension: '`GEOJSON`',
  max_bad_records: 'bad rows that are left out before the job fails; default 0',
  null_marker: 'CSV: text that stands for null',
  parquet_options: 'how Parquet files are read',
  project: 'project of the table, where its name says none',
  projection_fields: 'Datastore backups: properties to load',
  quote: 'CSV: quotation mark; default `"`',
  schema: 'list of fields, `{fields: [...]}`, or the path of a JSON or YAML file with either',
  skip_leading_rows: 'CSV: rows to skip at the top',
  source_format: '`CSV` (default), `NEWLINE_DELIMITED_JSON`, `AVRO`, `PARQUET`, `ORC`, ...',
  use_avro_logical_types: 'Avro: logical types become DATE, TIMESTAMP and so on',
} as const satisfies OptionTexts

/** Options of `bq_extract>`. */
export const extractOptions = {
  ...common,
  compression: '`NONE` (default) or `GZIP`',
  destination:
    'address, or list of addresses, in Cloud Storage: `gs://bucket/part-*.csv`; required',
  destination_format: '`CSV` (default), `NEWLINE_DELIMITED_JSON`, `AVRO`, `PARQUET`',
  field_delimiter: 'CSV: between the values; default `,`',
  print_header: 'CSV: a first row of names; default true',
} as const satisfies OptionTexts

/** Options of `bq_ddl>`. */
export const ddlOptions = {
  ...common,
  create_datasets: 'data sets to create where they are not there',
  create_tables:
    'tables to create where they are not there: names, or mappings with `id`, `schema`, ...',
  delete_datasets: 'data sets to delete with all tables',
  delete_tables: 'tables to delete',
  empty_datasets: 'data sets to delete and create anew',
  empty_tables: 'tables to delete and create anew',
} as const satisfies OptionTexts
