import type { Pool } from 'pg'
import { rowsOf } from '../queryable.ts'
import { transaction } from '../transaction.ts'
import { dueArchives, dueAttempts, dueParams, dueUsages } from './due.ts'
import { keptSince, type RetentionPolicy } from './policy.ts'

/** Takes away a little of one kind; answers how much, 0 when nothing is left that is due. */
export type RetentionStep = (pool: Pool, policy: RetentionPolicy) => Promise<number>

// S1. A step is one short transaction: whoever starts, runs or reads attempts meanwhile hardly waits.
// S2. Attempts are locked and those that somebody else has locked are passed over, so that two who do this at once do
//     not wait for each other.

/** Attempts whose logs go in one step, and those whose tasks do: each may have thousands. */
const logsAtOnce = 50
const tasksAtOnce = 10
const attemptsAtOnce = 200
const usagesAtOnce = 1_000
const skippedAtOnce = 1_000
const revisionsAtOnce = 20

export const removeLogs: RetentionStep = async (pool, policy) => {
  const rows = await rowsOf(
    pool,
    `with due as (
      select a.id from ${dueAttempts.logs} order by a.finished_at limit $3 for update of a skip locked),
    texts as (
      delete from log_chunks c using log_files f, due where f.attempt_id = due.id and c.file_id = f.id),
    files as (delete from log_files f using due where f.attempt_id = due.id)
    update attempts a set logs_removed_at = now() from due where a.id = due.id returning a.id`,
    [...dueParams(policy, 'logs'), logsAtOnce],
  )
  return rows.length
}

/** After the logs, which name them. What they used stays, with their name. */
export const removeTasks: RetentionStep = (pool, policy) =>
  transaction(pool, async (client) => {
    const due = await rowsOf<{ id: number }>(
      client,
      `select a.id from ${dueAttempts.tasks} and a.logs_removed_at is not null
      order by a.finished_at limit $3 for update of a skip locked`,
      [...dueParams(policy, 'tasks'), tasksAtOnce],
    )
    const ids = [due.map(({ id }) => id)]
    if (due.length === 0) return 0
    await client.query(
      `update usages u set task_name = t.full_name, operator = t.operator, task_id = null
      from tasks t where t.id = u.task_id and u.attempt_id = any($1)`,
      ids,
    )
    await client.query('delete from merged_params where attempt_id = any($1)', ids)
    await client.query('delete from tasks where attempt_id = any($1)', ids)
    await client.query('update attempts set tasks_removed_at = now() where id = any($1)', ids)
    return due.length
  })

export const removeUsages: RetentionStep = async (pool, policy) => {
  const { rowCount } = await pool.query(
    `delete from usages where id in (select u.id from ${dueUsages} limit $3)`,
    [...dueParams(policy, 'usages'), usagesAtOnce],
  )
  return rowCount ?? 0
}

/** After all that they hold; a session goes with its last attempt. */
export const removeAttempts: RetentionStep = (pool, policy) =>
  transaction(pool, async (client) => {
    const due = await rowsOf<{ id: number; sessionId: number }>(
      client,
      `select a.id, a.session_id as "sessionId" from ${dueAttempts.attempts}
        and a.tasks_removed_at is not null and not exists (select from usages u where u.attempt_id = a.id)
      order by a.finished_at limit $3 for update of a skip locked`,
      [...dueParams(policy, 'attempts'), attemptsAtOnce],
    )
    await client.query('delete from attempts where id = any($1)', [due.map(({ id }) => id)])
    await client.query(
      `delete from sessions s where id = any($1)
        and not exists (select from attempts a where a.session_id = s.id)`,
      [due.map(({ sessionId }) => sessionId)],
    )
    return due.length
  })

/** What did not run, as long as what ran is kept; the last of a schedule says where it goes on after a push. */
export const removeSkippedSessions: RetentionStep = async (pool, policy) => {
  const { rowCount } = await pool.query(
    `delete from skipped_sessions where id in (
      select k.id from skipped_sessions k
      join schedules s on s.id = k.schedule_id join projects p on p.id = s.project_id
      where k.created_at < ${keptSince('attempts')} and k.until_session_time < ${keptSince('attempts')}
        and exists (
          select from skipped_sessions l
          where l.schedule_id = k.schedule_id and l.until_session_time > k.until_session_time)
      limit $2)`,
    [JSON.stringify(policy), skippedAtOnce],
  )
  return rowCount ?? 0
}

/** The files of a revision; its workflows stay as long as attempts name them. */
export const removeArchives: RetentionStep = async (pool, policy) => {
  const { rowCount } = await pool.query(
    `update revisions set archive = '', archive_removed_at = now()
    where id in (select r.id from ${dueArchives} limit $3)`,
    [...dueParams(policy, 'archives'), revisionsAtOnce],
  )
  return rowCount ?? 0
}

/** Revisions without files that no attempt and no schedule names any more, with their workflows. */
export const removeRevisions: RetentionStep = (pool, policy) =>
  transaction(pool, async (client) => {
    await client.query(
      `delete from schedules s using projects p
      where p.id = s.project_id and s.in_line_as is null and s.deleted_at < ${keptSince('archives')}`,
      [JSON.stringify(policy)],
    )
    const due = await rowsOf<{ id: number }>(
      client,
      `select r.id from revisions r where r.archive_removed_at is not null
        and not exists (
          select from workflows w where w.revision_id = r.id and (
            exists (select from attempts a where a.workflow_id = w.id)
            or exists (select from schedules s where s.workflow_id = w.id)))
      limit $1 for update skip locked`,
      [revisionsAtOnce],
    )
    const ids = [due.map(({ id }) => id)]
    await client.query('delete from workflows where revision_id = any($1)', ids)
    await client.query('delete from revisions where id = any($1)', ids)
    return due.length
  })

/** Deleted projects of which nothing is left but their name and their secrets. */
export const removeProjects: RetentionStep = (pool) =>
  transaction(pool, async (client) => {
    const due = await rowsOf<{ id: number }>(
      client,
      `select p.id from projects p where p.deleted_at is not null
        and not exists (select from revisions r where r.project_id = p.id)
        and not exists (select from sessions s where s.project_id = p.id)
        and not exists (select from schedules s where s.project_id = p.id)
      limit 100 for update skip locked`,
    )
    const ids = [due.map(({ id }) => id)]
    await client.query('delete from secrets where project_id = any($1)', ids)
    await client.query('delete from projects where id = any($1)', ids)
    return due.length
  })
