import { attemptColumns, attemptTables } from './attempt-row.ts'
import {
  addRange,
  isLast,
  statusCondition,
  type AttemptStatus,
  type TimeRange,
} from './attempt-filter.ts'
import { createConditions, type Conditions } from './conditions.ts'
import { rowsOf, type Queryable } from './queryable.ts'
import type { AttemptId, ProjectId, SessionId } from '#workflows/domain/ids.ts'
import { isSmallBesideNewer } from './session-range.ts'
import type { Attempt, Session } from './types.ts'

export interface Sessions {
  find(id: SessionId): Promise<Session | undefined>
  /** Newest first. */
  list(filter: SessionFilter): Promise<readonly Session[]>
}

interface SessionFilter {
  readonly projectId?: ProjectId
  readonly workflowName?: string
  /** Of the last attempt. */
  readonly statuses?: readonly AttemptStatus[]
  readonly sessionTime?: TimeRange
  readonly lastId?: SessionId
  readonly count: number
}

interface SessionRow extends Omit<Session, 'lastAttempt'> {
  readonly lastAttemptId: AttemptId | null
}

const select = `
  select s.id, s.uuid, s.project_id as "projectId", p.name as "projectName",
    s.workflow_name as "workflowName", w.id as "workflowId", coalesce(w.timezone, 'UTC') as timezone,
    s.session_time as "sessionTime", a.id as "lastAttemptId"
  from sessions s
  join projects p on p.id = s.project_id
  left join lateral (
    select id, workflow_id from attempts where session_id = s.id order by index desc limit 1
  ) a on true
  left join workflows w on w.id = a.workflow_id`

export function createSessions(db: Queryable): Sessions {
  /** Puts each session's last attempt beside it, with one more statement for all of them. */
  const complete = async (rows: readonly SessionRow[]): Promise<readonly Session[]> => {
    const ids = rows.flatMap(({ lastAttemptId }) => lastAttemptId ?? [])
    const attempts = await rowsOf<Attempt>(
      db,
      `select ${attemptColumns} from ${attemptTables} where a.id = any($1)`,
      [ids],
    )
    const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]))
    return rows.map(({ lastAttemptId, ...session }) => ({
      ...session,
      lastAttempt: (lastAttemptId === null ? undefined : byId.get(lastAttemptId)) ?? null,
    }))
  }
  return {
    async find(id) {
      const [session] = await complete(
        await rowsOf<SessionRow>(db, `${select} where s.id = $1`, [id]),
      )
      return session
    },
    async list(filter) {
      const conditions = createConditions()
      const { sessionTime } = filter
      const timesFirst = sessionTime !== undefined && (await isSmallBesideNewer(db, sessionTime))
      const page = pageOf(filter, conditions, timesFirst)
      const { rows } = await db.query<SessionRow>({
        text: `${select} where s.id = any(array(${page})) order by s.id desc`,
        values: [...conditions.values],
      })
      return complete(rows)
    },
  }
}

/** The ids of a page, newest first. Its text depends on what is asked for, so it has no name (`prepared.ts`). */
function pageOf(filter: SessionFilter, conditions: Conditions, timesFirst: boolean): string {
  const { projectId, workflowName, statuses, sessionTime, lastId } = filter
  if (lastId !== undefined) conditions.add(`s.id < ${conditions.value(lastId, 'bigint')}`)
  if (sessionTime !== undefined) addRange(conditions, 's.session_time', sessionTime)
  if (workflowName !== undefined) {
    conditions.add(`s.workflow_name = ${conditions.value(workflowName, 'text')}`)
  }
  const condition = statuses && `(${statusCondition(statuses)}) and ${isLast}`
  const limit = `limit ${conditions.value(filter.count, 'int')}`
  const newest = `order by s.id desc ${limit}`
  if (projectId !== undefined) {
    conditions.add(`s.project_id = ${conditions.value(projectId, 'bigint')}`)
  }
  if (condition !== undefined && statuses?.includes('success') === false) {
    // Such attempts are few, and an index has them in the order of their sessions.
    const before =
      lastId === undefined ? '' : `and a.session_id < ${conditions.value(lastId, 'bigint')}`
    return `select a.session_id from attempts a join sessions s on s.id = a.session_id
      where ${condition} ${before} and ${conditions.text()}
      order by a.session_id desc ${limit}`
  }
  if (condition !== undefined) {
    conditions.add(`exists (select from attempts a where a.session_id = s.id and ${condition})`)
  }
  if (projectId === undefined && workflowName !== undefined && sessionTime === undefined) {
    // The index begins with the project: the newest sessions in each, and of these the newest.
    return `select s.id from projects p cross join lateral (
        select s.id from sessions s where s.project_id = p.id and ${conditions.text()} ${newest}
      ) s ${newest}`
  }
  const found = `select s.id from sessions s where ${conditions.text()}`
  // With an offset PostgreSQL finds all of a range of times first; else it goes from the newest session on.
  return timesFirst ? `select s.id from (${found} offset 0) s ${newest}` : `${found} ${newest}`
}
