import { ddlOptions, extractOptions, loadOptions, queryOptions } from './options/bigquery.ts'
import { mailOptions } from './options/mail.ts'
import { pgOptions } from './options/postgres.ts'
import { gcsWaitOptions } from './options/storage.ts'
import { httpCallOptions, httpOptions } from './options/web.ts'
import type { OperatorSpec, OperatorSyntax } from './spec.ts'

const command = {
  runsOn: 'command',
  // `${secret:key}` may name any of the project's secrets.
  secrets: ['*'],
  retry: 'task',
  runsCommand: true,
  makesTasks: true,
} as const
const bigquery = {
  runsOn: 'bigquery',
  secrets: ['gcp.*'],
  retry: 'task',
  defaults: 'bq',
  inherits: ['gcp'],
} as const
const web = {
  runsOn: 'notify',
  secrets: ['*'],
  retry: 'task',
  defaults: 'http',
  needsCommand: true,
} as const
const steering = { runsOn: 'step', secrets: [] } as const
const body = { ...steering, retry: 'subtasks', bodies: ['_do'] } as const
const rounds = { ...body, makesTasks: true } as const

/**
 * Suiro's operators: the one place where an operator is named. What a push accepts, where a task runs, which secrets
 * it may read, what a worker has to register, which options code may read and the page docs/operators.md follow from it.
 */
export const operators = {
  bq: {
    ...bigquery,
    summary: 'runs a query or a script on BigQuery, from a file or as `{data: SQL}`',
    options: queryOptions,
    rendersFile: ['_command'],
    refusedOptions: ['dry_run', 'query_parameters', 'store_last_results', 'download_file'],
  },
  bq_ddl: {
    ...bigquery,
    summary: 'creates, empties and deletes BigQuery data sets and tables',
    options: ddlOptions,
  },
  bq_extract: {
    ...bigquery,
    summary: 'writes a BigQuery table to objects in Cloud Storage',
    options: extractOptions,
    refusedOptions: ['dry_run'],
  },
  bq_load: {
    ...bigquery,
    summary: 'loads objects of Cloud Storage into a BigQuery table',
    options: loadOptions,
    rendersFile: ['schema'],
    refusedOptions: ['dry_run'],
  },
  call: {
    ...steering,
    summary: 'runs another file of the project as subtasks',
    retry: 'task',
    options: {},
    needsCommand: true,
    makesTasks: true,
  },
  echo: {
    ...steering,
    summary: "writes a text to the task's log",
    retry: 'none',
    options: {},
    needsCommand: true,
  },
  embulk: {
    ...command,
    summary: 'runs Embulk, with a file of the project or what is below `config:`',
    runsOn: 'transfer',
    defaults: 'embulk',
  },
  fail: {
    ...steering,
    summary: 'fails with a message',
    retry: 'none',
    options: {},
    needsCommand: true,
  },
  for_each: {
    ...rounds,
    summary: 'runs `_do` for each combination of values',
    options: {},
    needsCommand: true,
  },
  for_range: {
    ...rounds,
    summary: 'runs `_do` for each piece of a range of whole numbers',
    options: {},
    needsCommand: true,
  },
  gcs_wait: {
    runsOn: 'transfer',
    summary: 'waits for an object in Cloud Storage, and holds no worker meanwhile',
    secrets: ['gcp.*'],
    retry: 'task',
    defaults: 'gcs',
    inherits: ['gcp'],
    options: gcsWaitOptions,
  },
  http: { ...web, summary: 'sends an HTTP request', options: httpOptions },
  http_call: {
    ...web,
    summary: 'sends an HTTP request and runs the workflow that it answers as subtasks',
    options: httpCallOptions,
    makesTasks: true,
  },
  if: {
    ...body,
    summary: 'runs `_do` or `_else_do`',
    bodies: ['_do', '_else_do'],
    options: {},
    needsCommand: true,
  },
  loop: {
    ...rounds,
    summary: 'runs `_do` a number of times',
    options: { count: 'how often, where `loop>:` does not say it' },
  },
  mail: {
    runsOn: 'notify',
    summary: 'sends a mail, its text from a file or as `{data: TEXT}`',
    secrets: ['mail.*'],
    retry: 'task',
    defaults: 'mail',
    rendersFile: ['_command'],
    options: mailOptions,
    refusedOptions: ['password'],
  },
  nop: { ...steering, summary: 'does nothing', retry: 'none', defaults: 'nop' },
  notify: {
    runsOn: 'notify',
    summary: 'notifies the people who look after the batches, as the settings of the worker say',
    secrets: [],
    retry: 'none',
    options: {},
    needsCommand: true,
  },
  param_get: {
    ...steering,
    summary: 'stores parameters that `param_set>` stored, also of another project',
    retry: 'task',
  },
  param_set: {
    ...steering,
    summary: 'keeps parameters for `param_get>`, for 90 days',
    retry: 'task',
  },
  pg: {
    runsOn: 'transfer',
    summary: 'runs SQL on PostgreSQL, from a file or as `{data: SQL}`',
    secrets: ['pg.*'],
    retry: 'task',
    defaults: 'pg',
    rendersFile: ['_command'],
    options: pgOptions,
  },
  py: {
    ...command,
    summary: 'calls a Python function of the project, or runs a script',
    defaults: 'py',
  },
  rb: {
    ...command,
    summary: 'calls a Ruby function of the project, or runs a script',
    defaults: 'rb',
  },
  require: {
    ...steering,
    summary: "waits for another workflow's session, and starts it if nobody has",
    retry: 'task',
    needsCommand: true,
    options: {
      ignore_failure: 'default false; true: it need not succeed',
      params: 'parameters of an attempt that is started',
      project_id: 'another project, by its id',
      project_name: 'another project, by its name',
      rerun_on: '`none` (default), `failed` or `all`: when a finished session is run again',
      retry_attempt_name: 'name of the attempt that is waited for',
      session_time: "default: this attempt's",
    },
  },
  sh: { ...command, summary: "runs a shell script in the project's folder", defaults: 'sh' },
  wait: {
    ...steering,
    summary: 'waits, and holds no worker meanwhile',
    retry: 'none',
    needsCommand: true,
    options: {
      blocking: 'accepted, and without effect: nothing is held either way',
      poll_interval: 'how often it looks at the clock',
    },
  },
} as const satisfies Readonly<Record<string, OperatorSpec>>

/** Name of one of Suiro's operators, without its `>`. */
export type OperatorName = keyof typeof operators

type Table = typeof operators

/** An option of that operator. */
export type OptionName<Name extends OperatorName> = Table[Name] extends {
  readonly options: infer Options
}
  ? keyof Options & string
  : never

/** An option that this operator refuses or ignores. */
export type RefusedOptionName<Name extends OperatorName> = Table[Name] extends {
  readonly refusedOptions: readonly (infer Option extends string)[]
}
  ? Option
  : never

/** Of any name that is one, what is in the table. */
export const findOperator = (name: string): OperatorSpec | undefined =>
  Object.hasOwn(operators, name) ? operators[name as OperatorName] : undefined

/** What a push knows of each of them, by name. */
export const operatorTable: ReadonlyMap<string, OperatorSyntax> = new Map(
  Object.entries<OperatorSpec>(operators).map(([name, { options, ...spec }]) => [
    name,
    { ...spec, name, ...(options === undefined ? {} : { options: Object.keys(options).sort() }) },
  ]),
)

/** The table with a team's own operators, which win over those of the same name. */
export function withOwnOperators(own: readonly OperatorSyntax[]): typeof operatorTable {
  return new Map([...operatorTable, ...own.map((syntax) => [syntax.name, syntax] as const)])
}
