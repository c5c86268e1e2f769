import pg, { type Pool, type PoolClient } from 'pg'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { jsonText } from './json-text.ts'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import { taskColumns } from './task-row.ts'
import { transaction } from './transaction.ts'
import type { NewTask, Task } from './types.ts'

export interface Insertion {
  readonly attemptId: AttemptId
  /** Null for the root. */
  readonly parentId: TaskId | null
  readonly tasks: readonly NewTask[]
  /** With them the attempt has begun. */
  readonly begins?: true
}

/** A task on its way into the table. */
interface Row {
  readonly id: TaskId
  readonly parent_id: TaskId | null
  readonly full_name: string
  readonly upstreams: readonly TaskId[]
  readonly task: NewTask
}

const { DatabaseError } = pg

/** The unique index on what identifies a task. */
const onceIndex = 'tasks_once'

/**
 * Inserts trees of tasks, ids in depth-first order, in one statement however many they are. Those of `tasks` that are there
 * already are answered as they are, with what is below them: that takes a few statements more.
 */
export async function insertTasks(pool: Pool, insertion: Insertion): Promise<readonly Task[]> {
  if (insertion.tasks.length === 0) return []
  try {
    return await insertNew(pool, insertion)
  } catch (error) {
    if (!(error instanceof DatabaseError && error.constraint === onceIndex)) throw error
    return transaction(pool, (client) => insertMissing(client, insertion))
  }
}

/** Negative ids, each standing for the id that the database gives to a task at its place. */
function* placeholders(): Generator<TaskId, never> {
  for (let place = 1; ; place += 1) yield -place as TaskId
}

const given = `json_to_recordset($2::json) as given (
  id bigint, parent_id bigint, full_name text, name text, round int, operator text, config json,
  exports json, retry json, upstreams bigint[], resumed_from bigint)`

/** Inserts tasks of which none is there yet; fails at `onceIndex` where one is, also one that is just being inserted. */
function insertNew(
  db: Queryable,
  { attemptId, parentId, tasks, begins }: Insertion,
): Promise<readonly Task[]> {
  const rows: Row[] = []
  place(tasks, { id: parentId, fullName: '' }, placeholders(), rows)
  const attempt =
    begins === true
      ? 'update attempts set started_at = coalesce(started_at, now()) where id = $1 returning id'
      : 'select id from attempts where id = $1 for no key update'
  const real = (id: string): string => `case when ${id} < 0 then ids[-${id}] else ${id} end`
  return rowsOf<Task>(
    db,
    `with attempt as (${attempt}), new as materialized (
      select array(
        select nextval(pg_get_serial_sequence('tasks', 'id')) from generate_series(1, $4)) as ids
      from attempt
    ), given as (
      select ${real('given.id')} as id, ${real('parent_id')} as parent_id,
        coalesce((select full_name from tasks where id = $3), '') || full_name as full_name, name,
        round, operator, config, exports, retry,
        array(
          select ${real('u.id')} from unnest(upstreams) with ordinality u (id, place)
          order by u.place) as upstreams,
        resumed_from
      from new, ${given}
    ), ${insertGiven(rows)}`,
    [attemptId, jsonText(rows.map(columns)), parentId, rows.length],
  )
}

/** Inserts those that are not there yet. */
async function insertMissing(
  client: PoolClient,
  { attemptId, parentId, tasks }: Insertion,
): Promise<readonly Task[]> {
  const { ids, parentName } = await prepare(client, { attemptId, parentId, tasks })
  const standing = await standingRoots(client, attemptId, parentId, tasks)
  const missing = tasks.filter((task) => !standing.has(placeOf(task)))
  if (missing.length === 0) return withDescendants(client, [...standing.values()])

  const rows: Row[] = []
  const next = ids.values()
  place(tasks, { id: parentId, fullName: parentName }, next, rows, standing)
  const inserted = await insertRows(client, attemptId, rows)
  if (standing.size === 0) return inserted
  const below = await withDescendants(client, [...standing.values()])
  return [...below, ...inserted].sort((a, b) => a.id - b.id)
}

/**
 * Inserts what `given` holds, which is made of these rows, and answers it. `$1`: the attempt. Only where some are taken over the
 * table is joined: a plan made while it was small would read all of it for each insertion.
 */
const insertGiven = (rows: readonly Row[]): string => `t as (
    insert into tasks (id, attempt_id, parent_id, full_name, name, round, operator, config, exports,
      retry, upstreams, state, resumed, stored, reset_params, exported, started_at, finished_at)
    overriding system value
    select g.id, $1, g.parent_id, g.full_name, g.name, g.round, g.operator, g.config, g.exports,
      g.retry, g.upstreams, ${rows.some(({ task }) => task.resumedFrom !== undefined) ? takenOver : anew}
    order by g.id
    returning *
  )
  select ${taskColumns} from t order by t.id`

const anew = `'blocked', false, '{}', '[]', '{}', null, null from given g`

const takenOver = `case when g.resumed_from is null then 'blocked' else 'success' end,
      g.resumed_from is not null, coalesce(o.stored, '{}'), coalesce(o.reset_params, '[]'),
      coalesce(o.exported, '{}'), o.started_at, o.finished_at
    from given g left join tasks o on o.id = g.resumed_from`

function insertRows(
  client: PoolClient,
  attemptId: AttemptId,
  rows: readonly Row[],
): Promise<readonly Task[]> {
  return rowsOf<Task>(client, `with given as (select * from ${given}), ${insertGiven(rows)}`, [
    attemptId,
    jsonText(rows.map(columns)),
  ])
}

function columns({ task, ...row }: Row): object {
  return {
    ...row,
    name: task.name,
    round: task.round ?? 0,
    operator: task.operator ?? null,
    config: task.config,
    exports: task.exports,
    retry: task.retry ?? null,
    resumed_from: task.resumedFrom ?? null,
  }
}

/** What identifies a task among its siblings, so that it is inserted once. */
const placeOf = ({ name, round = 0 }: { readonly name: string; readonly round?: number }): string =>
  `${round}${name}`

/** Those of `tasks` that are there already, by place. */
async function standingRoots(
  client: PoolClient,
  attemptId: AttemptId,
  parentId: TaskId | null,
  tasks: readonly NewTask[],
): Promise<ReadonlyMap<string, TaskId>> {
  const rows = await rowsOf<{ id: TaskId; name: string; round: number }>(
    client,
    `select t.id, t.name, t.round from tasks t
    join unnest($3::text[], $4::int[]) as given (name, round) using (name, round)
    where t.attempt_id = $1 and t.parent_id is not distinct from $2`,
    [attemptId, parentId, tasks.map(({ name }) => name), tasks.map(({ round }) => round ?? 0)],
  )
  return new Map(rows.map((row) => [placeOf(row), row.id]))
}

function withDescendants(client: PoolClient, roots: readonly TaskId[]): Promise<readonly Task[]> {
  return rowsOf<Task>(
    client,
    `with recursive below (id) as (
      select unnest($1::bigint[])
      union all
      select c.id from tasks c join below on c.parent_id = below.id)
    select ${taskColumns} from tasks t join below on below.id = t.id order by t.id`,
    [roots],
  )
}

const countOf = (tasks: readonly NewTask[]): number =>
  tasks.reduce((count, task) => count + 1 + countOf(task.children), 0)

/**
 * Repeated and simultaneous calls for one attempt come one after the other: what is there already is looked for by the
 * next statement. Also answers enough new ids, and the parent's full name.
 */
async function prepare(
  client: PoolClient,
  { attemptId, parentId, tasks }: Insertion,
): Promise<{ readonly ids: readonly TaskId[]; readonly parentName: string }> {
  const row = await rowOf<{ ids: readonly TaskId[]; parentName: string | null }>(
    client,
    `select array(
        select nextval(pg_get_serial_sequence('tasks', 'id')) from generate_series(1, $3)) as ids,
      (select full_name from tasks where id = $2) as "parentName"
    from attempts where id = $1 for no key update`,
    [attemptId, parentId, countOf(tasks)],
  )
  return {
    ids: (row?.ids ?? []).toSorted((a, b) => a - b),
    parentName: row?.parentName ?? '',
  }
}

/** Gives each task the next id, a task before its children, siblings in order. */
function place(
  tasks: readonly NewTask[],
  parent: { readonly id: TaskId | null; readonly fullName: string },
  ids: Iterator<TaskId>,
  rows: Row[],
  standing: ReadonlyMap<string, TaskId> = new Map(),
): void {
  const siblings: TaskId[] = []
  for (const task of tasks) {
    const there = standing.get(placeOf(task))
    const id = there ?? nextId(ids)
    const before = task.upstreams.map((index) => earlier(siblings, index, task))
    siblings.push(id)
    if (there !== undefined) continue
    const fullName = parent.fullName + task.name
    const upstreams = [...(task.upstreamIds ?? []), ...before]
    rows.push({ id, parent_id: parent.id, full_name: fullName, upstreams, task })
    place(task.children, { id, fullName }, ids, rows)
  }
}

/** A task waits only for siblings written before it; a wait that could be lost in silence is a bug. */
function earlier(siblings: readonly TaskId[], index: number, { name }: NewTask): TaskId {
  const id = siblings[index]
  if (id === undefined) throw new Error(`Task ${name} waits for sibling ${index}, not before it`)
  return id
}

function nextId(ids: Iterator<TaskId>): TaskId {
  const next = ids.next()
  if (next.done) throw new Error('Fewer ids than tasks')
  return next.value
}
