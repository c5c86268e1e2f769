import type { Pool } from 'pg'
import { rowOf } from '../queryable.ts'
import { dueArchives, dueAttempts, dueParams, dueUsages } from './due.ts'
import { retainedKinds, type RetainedKind, type RetentionPolicy } from './policy.ts'

/** What of one kind is kept longer than it need be. */
export interface Due {
  readonly rows: number
  /** Of texts, or of archives; null where rows are all there is to say. */
  readonly bytes: number | null
  /** The end of the oldest attempt that it belongs to, or when the oldest archive was superseded. */
  readonly oldest: Date | null
}

const due: Readonly<Record<RetainedKind, string>> = {
  logs: `
    select count(*)::int as rows, sum(octet_length(c.text))::float8 as bytes, min(d.finished_at) as oldest
    from (select a.id, a.finished_at from ${dueAttempts.logs}) d
    join log_files f on f.attempt_id = d.id join log_chunks c on c.file_id = f.id`,
  tasks: `
    select count(*)::int as rows, null::float8 as bytes, min(d.finished_at) as oldest
    from (select a.id, a.finished_at from ${dueAttempts.tasks}) d join tasks t on t.attempt_id = d.id`,
  attempts: `
    select count(*)::int as rows, null::float8 as bytes, min(a.finished_at) as oldest from ${dueAttempts.attempts}`,
  usages: `
    select count(*)::int as rows, null::float8 as bytes, min(a.finished_at) as oldest from ${dueUsages}`,
  archives: `
    select count(*)::int as rows, sum(octet_length(r.archive))::float8 as bytes,
      min(coalesce(r.superseded_at, p.deleted_at)) as oldest
    from ${dueArchives}`,
}

/** What would go if retention were carried out now. */
export async function whatIsDue(
  pool: Pool,
  policy: RetentionPolicy,
): Promise<Readonly<Record<RetainedKind, Due>>> {
  const found = await Promise.all(
    retainedKinds.map(async (kind) => {
      const row = await rowOf<Due>(pool, due[kind], dueParams(policy, kind))
      return [kind, row ?? { rows: 0, bytes: null, oldest: null }] as const
    }),
  )
  return Object.fromEntries(found) as Record<RetainedKind, Due>
}
