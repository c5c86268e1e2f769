import { keptSince, leastDays, type RetainedKind, type RetentionPolicy } from './policy.ts'

/** Parameters of what is here: $1 the policy, $2 the fewest days of the kind. */
export const dueParams = (policy: RetentionPolicy, kind: RetainedKind): readonly unknown[] => [
  JSON.stringify(policy),
  leastDays(policy, kind),
]

const ended = (kind: RetainedKind): string => `
  a.finished_at < now() - make_interval(days => $2) and a.finished_at < ${keptSince(kind)}`

/** An attempt that is under way reads the tasks of the one that it resumes. */
const notResumed = `
  not exists (
    select from attempts o
    where o.finished_at is null and (o.resume ->> 'attemptId')::bigint = a.id)`

const attempts = 'attempts a join projects p on p.id = a.project_id'

/** From what, and which: of attempts `a` with their projects `p`. */
export const dueAttempts: Readonly<Record<'logs' | 'tasks' | 'attempts', string>> = {
  logs: `${attempts} where a.logs_removed_at is null and ${ended('logs')}`,
  tasks: `${attempts} where a.tasks_removed_at is null and ${ended('tasks')} and ${notResumed}`,
  attempts: `${attempts} where ${ended('attempts')} and ${notResumed}`,
}

/** Of usages `u`: never one that somebody still has to look after. */
export const dueUsages = `
  usages u join attempts a on a.id = u.attempt_id join projects p on p.id = a.project_id
  where u.state <> 'running' and ${ended('usages')}`

/**
 * Of revisions `r`, with the time at which they were superseded: never the newest one of a project that is there, nor
 * one that an attempt under way reads.
 */
export const dueArchives = `
  projects p join (
    select *, lead(created_at) over (partition by project_id order by id) as superseded_at from revisions
  ) r on r.project_id = p.id
  where r.archive_removed_at is null
    and coalesce(r.superseded_at, p.deleted_at) < now() - make_interval(days => $2)
    and coalesce(r.superseded_at, p.deleted_at) < ${keptSince('archives')}
    and not exists (
      select from workflows w join attempts a on a.workflow_id = w.id
      where w.revision_id = r.id and a.finished_at is null)`
