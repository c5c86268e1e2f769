import { attemptColumns, attemptTables } from './attempt-row.ts'
import { rowsOf, type Queryable } from './queryable.ts'
import type { AttemptId, ProjectId, SessionId } from '#workflows/domain/ids.ts'
import type { Attempt, Session } from './types.ts'

export interface Sessions {
  find(id: SessionId): Promise<Session | undefined>
  /** Newest first. */
  list(filter: {
    readonly projectId?: ProjectId
    readonly workflowName?: string
    readonly lastId?: SessionId
    readonly count: number
  }): Promise<readonly Session[]>
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
    async list({ projectId, workflowName, lastId, count }) {
      return complete(
        await rowsOf<SessionRow>(
          db,
          `${select}
          where ($1::bigint is null or s.project_id = $1)
            and ($2::text is null or s.workflow_name = $2)
            and ($3::bigint is null or s.id < $3)
          order by s.id desc limit $4`,
          [projectId ?? null, workflowName ?? null, lastId ?? null, count],
        ),
      )
    },
  }
}
