import { bigQueryOptions, mailOptions, pgOptions, webOptions } from './options.ts'

/** What a push knows of an operator. A team's own operators are told in the same words. */
export interface OperatorWords {
  readonly name: string
  /** Parameters it reads beside its command; absent where any name may be one. */
  readonly options?: readonly string[]
  /** Key of the mapping with its defaults, which may also stand in an `_export`. */
  readonly defaults?: string
  /** Whether parameters that are no options can still matter: a file it renders may name them. */
  readonly rendersFile?: boolean
  /** Whether it fails without a command. */
  readonly needsCommand?: boolean
  /** Which of `_do` and `_else_do` it runs. */
  readonly bodies?: readonly ('_do' | '_else_do')[]
  /** Whether it makes tasks, so that `_parallel` says how they run. */
  readonly makesTasks?: boolean
  /** Whether `_retry` means anything to it. */
  readonly ignoresRetry?: boolean
  /** Whether it starts a process, which `_env` is for. */
  readonly runsCommand?: boolean
}

const script = { runsCommand: true, makesTasks: true } as const
const body = { bodies: ['_do'], makesTasks: true } as const
const bq = { defaults: 'bq', rendersFile: true } as const

/** Operators that Suiro runs, by name. */
export const operatorTable: ReadonlyMap<string, OperatorWords> = new Map(
  (
    [
      { name: 'bq', ...bq, options: bigQueryOptions.query },
      { name: 'bq_ddl', ...bq, options: bigQueryOptions.ddl },
      { name: 'bq_extract', ...bq, options: bigQueryOptions.extract },
      { name: 'bq_load', ...bq, options: bigQueryOptions.load },
      { name: 'call', options: [], needsCommand: true, makesTasks: true },
      { name: 'echo', options: [], needsCommand: true, ignoresRetry: true },
      { name: 'embulk', ...script, defaults: 'embulk' },
      { name: 'fail', options: [], needsCommand: true, ignoresRetry: true },
      { name: 'for_each', ...body, options: [], needsCommand: true },
      { name: 'for_range', ...body, options: [], needsCommand: true },
      { name: 'http', defaults: 'http', options: webOptions.http, needsCommand: true },
      {
        name: 'http_call',
        defaults: 'http',
        options: webOptions.httpCall,
        needsCommand: true,
        makesTasks: true,
      },
      { name: 'if', ...body, bodies: ['_do', '_else_do'], options: [], needsCommand: true },
      { name: 'loop', ...body, options: ['count'] },
      { name: 'mail', defaults: 'mail', rendersFile: true, options: mailOptions },
      { name: 'nop', defaults: 'nop', ignoresRetry: true },
      { name: 'notify', options: [], needsCommand: true, ignoresRetry: true },
      { name: 'param_get' },
      { name: 'param_set' },
      { name: 'pg', defaults: 'pg', rendersFile: true, options: pgOptions },
      { name: 'py', ...script, defaults: 'py' },
      { name: 'rb', ...script, defaults: 'rb' },
      {
        name: 'require',
        needsCommand: true,
        options: [
          'ignore_failure',
          'params',
          'project_id',
          'project_name',
          'rerun_on',
          'retry_attempt_name',
          'session_time',
        ],
      },
      { name: 'sh', ...script, defaults: 'sh' },
      {
        name: 'wait',
        options: ['blocking', 'poll_interval'],
        needsCommand: true,
        ignoresRetry: true,
      },
    ] satisfies readonly OperatorWords[]
  ).map((words) => [words.name, words]),
)

/** The table with a team's own operators, which win over those of the same name. */
export function withOwnOperators(own: readonly OperatorWords[]): typeof operatorTable {
  return new Map([...operatorTable, ...own.map((words) => [words.name, words] as const)])
}
