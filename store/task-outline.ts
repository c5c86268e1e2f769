import type { Pool } from 'pg'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import type { TaskState } from '#workflows/domain/task-state.ts'
import { rowOf } from './queryable.ts'

/** A task without what it holds. Times are milliseconds, counted from where the reader wants. */
export interface OutlinedTask {
  readonly id: TaskId
  readonly parentId: TaskId | null
  readonly name: string
  readonly round: number
  /** Null for a group. */
  readonly operator: string | null
  readonly upstreams: readonly TaskId[]
  readonly state: TaskState
  readonly retries: number
  /** Taken over from the attempt that this one resumes: it has no times here. */
  readonly resumed: boolean
  readonly began: number | null
  readonly ended: number | null
  readonly retryAt: number | null
  readonly errorCode: TaskErrorCode | null
  /** The beginning of its own failure's message. */
  readonly error: string | null
  /** Whether it was inserted or changed since `since`; always, without one. */
  readonly changed: boolean
}

export interface Outline {
  /** What the next one is asked with, in order to hear what has changed. */
  readonly cursor: string
  /** No `since` was given, or one that nothing can be said of. */
  readonly whole: boolean
  /** All tasks in order of their ids; none where nothing has changed since. */
  readonly tasks: readonly OutlinedTask[]
}

export interface TaskOutlines {
  ofAttempt(
    attemptId: AttemptId,
    options: { readonly from: Date; readonly since?: string },
  ): Promise<Outline>
}

// PostgreSQL keeps with each row which transaction wrote it (`xmin`). So whoever writes tasks, this release or another,
// is seen here, and no update pays for it: neither a column nor a trigger nor an index.
//
// C1. A cursor is the oldest transaction that was under way when it was taken. What that one or a later one wrote may
//     have been invisible then, and counts as changed; what an older one wrote was seen.
// C2. A cursor is taken before the rows are read: what is written between the two comes once more.
// C3. Rows may come again without a change, as long as some transaction stays open. None is missed.
// C4. `xmin` has 32 bits and comes round; `age` counts back from now. A cursor from too long ago, or from ahead (another
//     server, restored from a dump), is as none at all.

/** Longest message that is answered, with room for a mark that it is cut. */
const longestError = 400
/** Transactions, half of what `age` can tell apart. */
const oldestCursor = 1_000_000_000

export const createTaskOutlines = (pool: Pool): TaskOutlines => ({
  async ofAttempt(attemptId, { from, since }) {
    const known = await cursorOf(pool, attemptId, since)
    const { cursor } = known
    if (known.since !== null && !known.changed) return { cursor, whole: false, tasks: [] }
    const tasks = await tasksOf(pool, attemptId, from, known.since)
    return { cursor, whole: known.since === null, tasks }
  },
})

interface Known {
  readonly cursor: string
  /** The one that was given, where it can be used. */
  readonly since: string | null
  readonly changed: boolean
}

const changedSince = (since: string): string => `age(t.xmin) <= age((${since}::text)::xid8::xid)`

async function cursorOf(pool: Pool, attemptId: AttemptId, since = ''): Promise<Known> {
  const known = await rowOf<Known>(
    pool,
    `with at as materialized (select pg_current_snapshot() as snapshot),
    known as materialized (
      select pg_snapshot_xmin(snapshot)::text as cursor,
        case
          when pg_snapshot_xmax(snapshot)::text::numeric - nullif($2, '')::numeric between 0 and ${oldestCursor} then $2
        end as since
      from at
    )
    select cursor, since,
      since is not null and exists (
        select from tasks t where t.attempt_id = $1 and ${changedSince('known.since')}) as changed
    from known`,
    [attemptId, since],
  )
  if (known === undefined) throw new Error('PostgreSQL did not answer its own snapshot')
  return known
}

type Columns = { readonly [Key in keyof OutlinedTask]: readonly OutlinedTask[Key][] }

/** In columns, each as JSON: of 20,000 tasks that takes this process a few milliseconds, and as rows some forty. */
async function tasksOf(
  pool: Pool,
  attemptId: AttemptId,
  from: Date,
  since: string | null,
): Promise<readonly OutlinedTask[]> {
  const selected = Object.entries({
    ...outlined,
    changed: since === null ? 'true' : changedSince('$3'),
  })
  const columns = await rowOf<Columns>(
    pool,
    `select ${selected.map(([name]) => `coalesce(json_agg("${name}"), '[]') as "${name}"`).join(', ')}
    from (
      select ${selected.map(([name, sql]) => `${sql} as "${name}"`).join(', ')}
      from tasks t where t.attempt_id = $1 order by t.id
    ) t`,
    [attemptId, from.getTime() / 1000, ...(since === null ? [] : [since])],
  )
  return columns === undefined ? [] : columns.id.map((_, place) => taskAt(columns, place))
}

// `date_part` counts in floats; `extract` would take as long as all the rest.
const milliseconds = (time: string): string =>
  `case when not t.resumed then ((date_part('epoch', t.${time}) - $2::float8) * 1000)::bigint end`

const outlined: Readonly<Record<Exclude<keyof OutlinedTask, 'changed'>, string>> = {
  id: 't.id',
  parentId: 't.parent_id',
  name: 't.name',
  round: 't.round',
  operator: 't.operator',
  upstreams: 't.upstreams',
  state: 't.state',
  retries: 't.retries',
  resumed: 't.resumed',
  began: milliseconds('started_at'),
  ended: milliseconds('finished_at'),
  retryAt: milliseconds('retry_at'),
  errorCode: 't.error_code',
  error: `case when t.error is not null then coalesce(left(t.error ->> 'message', ${longestError}), '') end`,
}

const taskAt = (columns: Columns, place: number): OutlinedTask => ({
  id: columns.id[place]!,
  parentId: columns.parentId[place]!,
  name: columns.name[place]!,
  round: columns.round[place]!,
  operator: columns.operator[place]!,
  upstreams: columns.upstreams[place]!,
  state: columns.state[place]!,
  retries: columns.retries[place]!,
  resumed: columns.resumed[place]!,
  began: columns.began[place]!,
  ended: columns.ended[place]!,
  retryAt: columns.retryAt[place]!,
  errorCode: columns.errorCode[place]!,
  error: columns.error[place]!,
  changed: columns.changed[place]!,
})
