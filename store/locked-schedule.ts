import type { PoolClient } from 'pg'
import { type Attempts } from './attempts.ts'
import { startWithin } from './accept-attempt.ts'
import { rowOf } from './queryable.ts'
import { scheduleColumns, scheduleTables } from './schedule-row.ts'
import { writeSkipped, type NewSkippedSessions } from './skipped-sessions.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import type { Schedule, Workflow } from './types.ts'
import { createWorkflows } from './workflows.ts'

/** A schedule that nobody else decides about meanwhile; what is done with it is kept as a whole, or not at all. */
export interface LockedSchedule {
  readonly schedule: Schedule
  readonly workflow: Workflow
  readonly attempts: Pick<Attempts, 'start'>
  /** Whether any attempt of the workflow is unfinished. */
  anyRunning(): Promise<boolean>
  hasSession(sessionTime: Date): Promise<boolean>
  /** The first of these sessions that has an attempt of that retry name. */
  firstNamed(sessionTimes: readonly Date[], retryAttemptName: string): Promise<Date | null>
  /** The last session before a time that has an attempt. */
  sessionBefore(sessionTime: Date): Promise<Date | null>
  skip(skipped: NewSkippedSessions): Promise<void>
  /** Moves on to another session, which is the next to be decided about. */
  moveOn(times: ScheduleMove): Promise<Schedule>
  /** It runs again; what fell due until `runUntil` is to run, however late it is. */
  enable(runUntil?: Date): Promise<Schedule>
}

export interface ScheduleMove {
  readonly nextRunTime: Date
  readonly nextSessionTime: Date
  /** A session that was started. */
  readonly lastSessionTime?: Date
  /** Somebody asked for what is to run up to then. */
  readonly runUntil?: Date
}

/** Locks a schedule within the caller's transaction; undefined when it is deleted. */
export async function lockSchedule(
  client: PoolClient,
  id: ScheduleId,
): Promise<LockedSchedule | undefined> {
  const read = async (lock: string): Promise<Schedule | undefined> =>
    rowOf<Schedule>(
      client,
      `select ${scheduleColumns} from ${scheduleTables} where s.deleted_at is null and s.id = $1 ${lock}`,
      [id],
    )
  const again = async (): Promise<Schedule> => {
    const row = await read('')
    if (row === undefined) throw new Error(`Schedule ${id} vanished while it was locked`)
    return row
  }
  // `no key`: what refers to the schedule, such as a skipped session, need not wait.
  const schedule = await read('for no key update of s')
  const workflow = schedule && (await createWorkflows(client).find(schedule.workflowId))
  if (schedule === undefined || workflow === undefined) return undefined
  const { projectId, workflowName } = schedule
  const any = async (condition: string, ...params: readonly unknown[]): Promise<boolean> => {
    const row = await rowOf(
      client,
      `select from attempts a join sessions s on s.id = a.session_id
      where s.project_id = $1 and s.workflow_name = $2 and ${condition} limit 1`,
      [projectId, workflowName, ...params],
    )
    return row !== undefined
  }
  return {
    schedule,
    workflow,
    attempts: { start: (attempt) => startWithin(client, attempt) },
    anyRunning: () => any('a.finished_at is null'),
    hasSession: (sessionTime) => any('s.session_time = $3', sessionTime),
    async firstNamed(sessionTimes, name) {
      const row = await rowOf<{ first: Date | null }>(
        client,
        `select min(s.session_time) as first from attempts a join sessions s on s.id = a.session_id
        where s.project_id = $1 and s.workflow_name = $2
          and s.session_time = any($3::timestamptz[]) and a.retry_attempt_name = $4`,
        [projectId, workflowName, sessionTimes, name],
      )
      return row?.first ?? null
    },
    async sessionBefore(sessionTime) {
      const row = await rowOf<{ last: Date | null }>(
        client,
        `select max(s.session_time) as last from sessions s
        where s.project_id = $1 and s.workflow_name = $2 and s.session_time < $3
          and exists (select from attempts a where a.session_id = s.id)`,
        [projectId, workflowName, sessionTime],
      )
      return row?.last ?? null
    },
    skip: (skipped) => writeSkipped(client, id, skipped),
    async moveOn({ nextRunTime, nextSessionTime, lastSessionTime, runUntil }) {
      await client.query(
        `update schedules set next_run_time = $2, next_session_time = $3, updated_at = now(),
           last_session_time = greatest(last_session_time, $4), run_until = greatest(run_until, $5)
         where id = $1`,
        [id, nextRunTime, nextSessionTime, lastSessionTime ?? null, runUntil ?? null],
      )
      return again()
    },
    async enable(runUntil) {
      await client.query(
        `update schedules set updated_at = now(), disabled_at = null, disabled_by = null, run_until = greatest(run_until, $2),
           in_line_as = case when disabled_at is null then in_line_as end
         where id = $1`,
        [id, runUntil ?? null],
      )
      return again()
    },
  }
}
