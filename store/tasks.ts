import type { Pool } from 'pg'
import { failedTasks } from './failed-tasks.ts'
import { insertTasks } from './insert-tasks.ts'
import { jsonText } from './json-text.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { taskColumns } from './task-row.ts'
import { keepTryBefore } from './task-tries.ts'
import type { StateChange } from '#workflows/activities.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import type { NewTask, Task } from './types.ts'

/** What a finished run of a task leaves behind. */
export interface TaskEnd {
  readonly state: 'success' | 'planned' | 'error' | 'retry_waiting' | 'canceled'
  readonly version: number
  readonly retries: number
  readonly outcome?: JsonObject
  readonly stored?: JsonObject
  readonly resetParams?: readonly string[]
  readonly exported?: JsonObject
  readonly error?: JsonObject
  readonly errorCode?: TaskErrorCode
  readonly retryAt?: Date
}

export interface FoundTask extends Task {
  /** Its attempt has ended: nothing of it runs any more. */
  readonly attemptEnded: boolean
}

export interface TaskMessage {
  readonly fullName: string
  readonly message: string
}

export interface Tasks {
  /**
   * Inserts tasks below `parentId` (null: the root) with all their children, in one transaction, in
   * depth-first order of ids. A task that is there already (same parent, name, round) is answered as
   * it is and nothing is inserted below it, so a repeated call changes nothing.
   * Answers the rows of the whole inserted trees, in order of their ids.
   */
  insert(
    attemptId: AttemptId,
    parentId: TaskId | null,
    tasks: readonly NewTask[],
  ): Promise<readonly Task[]>
  /** The same for an attempt's root, with which it has begun. */
  open(attemptId: AttemptId, root: NewTask): Promise<readonly Task[]>
  find(id: TaskId): Promise<Task | undefined>
  findMany(ids: readonly TaskId[]): Promise<readonly FoundTask[]>
  /** All tasks of an attempt, in order of their ids. */
  ofAttempt(attemptId: AttemptId): Promise<readonly Task[]>
  /** How often the tasks below it were inserted once more. */
  rounds(id: TaskId): Promise<number>
  /** The first tasks whose own failure counts, and how they failed. */
  failures(attemptId: AttemptId, most: number): Promise<readonly TaskMessage[]>
  /**
   * How often the task is within itself: tasks above it of its name and configuration; and the
   * number of the attempt's tasks, counted up to `most`.
   */
  recursion(
    attemptId: AttemptId,
    id: TaskId,
    most: number,
  ): Promise<{ readonly calls: number; readonly size: number }>
  /** Some children of one round and everything below them, in order of their ids. */
  branch(
    parentId: TaskId,
    round: number,
    page: { readonly from: number; readonly count: number },
  ): Promise<readonly Task[]>
  /** Those of the tasks that did not succeed, or not yet. */
  unsuccessful(ids: readonly TaskId[]): Promise<readonly TaskId[]>
  /** The task and everything below it, in order of their ids. */
  subtree(id: TaskId): Promise<readonly Task[]>
  /**
   * State running; sets `started_at` when this try has none, and keeps what is known of the try before. Ignored when
   * `version` is not newer, but for the worker that goes on with a run.
   */
  begin(
    id: TaskId,
    at: { readonly version: number; readonly retries: number; readonly worker?: string },
  ): Promise<void>
  /** The end of one run. Ignored when the recorded version is newer. */
  end(id: TaskId, end: TaskEnd): Promise<void>
  /** State changes decided by the workflow, in one statement; older versions change nothing. */
  record(attemptId: AttemptId, changes: readonly StateChange[]): Promise<void>
  /** An operator's own progress; stored until the task's next logical try. */
  saveOperatorState(id: TaskId, retries: number, state: JsonObject): Promise<void>
}

const select = `select ${taskColumns} from tasks t`

/** A state to be set: from the moment on at which a kill is recorded, nothing becomes a success. */
const unlessKilled = (state: string, table: string): string =>
  `case when ${state} = 'success' and exists (
    select from attempts a where a.id = ${table}.attempt_id and a.cancel_requested and a.finished_at is null)
  then 'canceled' else ${state} end`

const json = (value: unknown): string | null => (value === undefined ? null : jsonText(value))

export function createTasks(pool: Pool): Tasks {
  return {
    insert: (attemptId, parentId, tasks) => insertTasks(pool, { attemptId, parentId, tasks }),
    open: (attemptId, root) =>
      insertTasks(pool, { attemptId, parentId: null, tasks: [root], begins: true }),
    find: (id) => rowOf<Task>(pool, `${select} where t.id = $1`, [id]),
    findMany: (ids) =>
      rowsOf<FoundTask>(
        pool,
        `select ${taskColumns}, (
          select a.finished_at is not null from attempts a where a.id = t.attempt_id) as "attemptEnded"
        from tasks t where t.id = any($1) order by t.id`,
        [ids],
      ),
    ofAttempt: (attemptId) =>
      rowsOf<Task>(pool, `${select} where t.attempt_id = $1 order by t.id`, [attemptId]),
    async rounds(id) {
      const row = await rowOf<{ rounds: number }>(
        pool,
        'select coalesce(max(round), 0) as rounds from tasks where parent_id = $1',
        [id],
      )
      return row?.rounds ?? 0
    },
    failures: (attemptId, most) =>
      rowsOf<TaskMessage>(
        pool,
        `select full_name as "fullName", message from (${failedTasks('$1')} limit $2) failed order by id`,
        [attemptId, most],
      ),
    async recursion(attemptId, id, most) {
      const row = await rowOf<{ calls: number; size: number }>(
        pool,
        `with recursive up as (
          select parent_id, name, config::text as config from tasks where id = $2
          union all
          select t.parent_id, t.name, t.config::text from up join tasks t on t.id = up.parent_id
        )
        select
          (select count(*)::int - 1 from up where (name, config) =
            (select name, config::text from tasks where id = $2)) as calls,
          (select count(*)::int from (select from tasks where attempt_id = $1 limit $3) s) as size`,
        [attemptId, id, most],
      )
      return row ?? { calls: 0, size: 0 }
    },
    branch: (parentId, round, { from, count }) =>
      rowsOf<Task>(
        pool,
        `with recursive below (id) as (
          (select id from tasks where parent_id = $1 and round = $2 order by id offset $3 limit $4)
          union all
          select c.id from tasks c join below on c.parent_id = below.id)
        ${select} join below on below.id = t.id order by t.id`,
        [parentId, round, from, count],
      ),
    async unsuccessful(ids) {
      if (ids.length === 0) return []
      const rows = await rowsOf<{ id: TaskId }>(
        pool,
        "select id from tasks where id = any($1) and state <> 'success'",
        [ids],
      )
      return rows.map(({ id }) => id)
    },
    subtree: (id) =>
      rowsOf<Task>(
        pool,
        `with recursive below (id) as (
          select $1::bigint
          union all
          select c.id from tasks c join below on c.parent_id = below.id)
        ${select} join below on below.id = t.id order by t.id`,
        [id],
      ),
    async begin(id, { version, retries, worker }) {
      // A new logical try starts with a clean sheet; the same try goes on with what it had.
      await pool.query(
        `${retries === 0 ? '' : `with before as (${keepTryBefore})`}
        update tasks set state = 'running', version = $2, updated_at = now(), retry_at = null,
          started_at = case when retries = $3 then coalesce(started_at, now()) else now() end,
          outcome = case when retries = $3 then outcome end,
          error = case when retries = $3 then error end,
          error_code = case when retries = $3 then error_code end,
          operator_state = case when retries = $3 then operator_state else '{}' end,
          retries = $3, worker = $4
        where id = $1 and (version < $2 or (version = $2 and state = 'running'))`,
        [id, version, retries, worker ?? null],
      )
    },
    async end(id, end) {
      await pool.query(
        `update tasks set state = ${unlessKilled('$2::text', 'tasks')}, version = $3, retries = $4, updated_at = now(),
          outcome = $5, stored = coalesce($6, stored), reset_params = coalesce($7, reset_params),
          exported = coalesce($8, exported), error = $9, retry_at = $10, error_code = $11, worker = null,
          finished_at = case when $2 in ('success', 'error', 'canceled') then now() end
        where id = $1 and version <= $3`,
        [
          id,
          end.state,
          end.version,
          end.retries,
          json(end.outcome),
          json(end.stored),
          json(end.resetParams),
          json(end.exported),
          json(end.error),
          end.retryAt ?? null,
          end.errorCode ?? null,
        ],
      )
    },
    async record(attemptId, changes) {
      await pool.query(
        `update tasks t set state = ${unlessKilled('c.state', 't')}, version = c.version, retry_at = c.retry_at,
          -- The worker has said already that the task waits, and when its try ended.
          updated_at = case when t.state = c.state then t.updated_at else now() end,
          error = case when c.error is null then t.error
            else json_build_object('message', c.error) end,
          error_code = case when c.error is null then t.error_code else 'UNEXPECTED' end,
          finished_at = case
            when c.state in ('success', 'error', 'group_error', 'canceled')
            then coalesce(t.finished_at, now()) end
        from (
          select distinct on (task_id) * from unnest(
              $2::bigint[], $3::text[], $4::int[], $5::timestamptz[], $6::text[])
            as c (task_id, state, version, retry_at, error)
          order by task_id, version desc
        ) c
        where t.id = c.task_id and t.attempt_id = $1 and t.version < c.version`,
        [
          attemptId,
          changes.map(({ taskId }) => taskId),
          changes.map(({ state }) => state),
          changes.map(({ version }) => version),
          changes.map(({ retryAt }) => retryAt ?? null),
          changes.map(({ error }) => error ?? null),
        ],
      )
    },
    async saveOperatorState(id, retries, state) {
      await pool.query('update tasks set operator_state = $3 where id = $1 and retries = $2', [
        id,
        retries,
        jsonText(state),
      ])
    },
  }
}
