import type { OptionTexts } from '../spec.ts'

/** Options of `pg>`. */
export const pgOptions = {
  data: 'the SQL itself: `pg>: {data: "select 1"}`',
  query: 'the SQL itself, where `pg>:` names no file',
  connect_timeout: 'default `30s`',
  create_table: 'the result becomes this table, made anew',
  database: 'required',
  download_file:
    'file of the project, or `gs://bucket/object.csv`, that the result is written to as CSV',
  host: 'required',
  insert_into: 'the result is added to this table',
  password_override: 'name of the secret with the password, in place of `pg.password`',
  port: 'default 5432',
  schema: 'schema of tables named without one',
  show_query: 'default false; true: the SQL is in the log of the task',
  socket_timeout: 'a statement is given up after this time; default `1800s`',
  ssl: 'default false',
  status_table: 'table of what was done; default `__digdag_status`',
  status_table_cleanup: 'how long its rows are needed; default `24h`',
  status_table_schema: 'its schema',
  store_last_results: '`first`, `all` or `false` (default): rows stored as `pg.last_results`',
  strict_transaction: 'default true; false: a repeated run may write twice',
  user: 'required',
} as const satisfies OptionTexts
