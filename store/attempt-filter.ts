import type { Conditions } from './conditions.ts'
import type { StartReason } from '#workflows/domain/actor.ts'
import type { AttemptId, ProjectId, SessionId } from '#workflows/domain/ids.ts'

/** The word that answers use for how an attempt is doing. */
export type AttemptStatus = 'running' | 'success' | 'error' | 'killed'

/** From a time on, and before another. */
export interface TimeRange {
  readonly from?: Date
  readonly to?: Date
}

/** Which attempts a list has; what is absent does not matter. */
export interface AttemptFilter {
  readonly projectId?: ProjectId
  readonly workflowName?: string
  readonly sessionId?: SessionId
  readonly statuses?: readonly AttemptStatus[]
  readonly reasons?: readonly StartReason[]
  /** When they were accepted. */
  readonly accepted?: TimeRange
  readonly sessionTime?: TimeRange
  /** Also attempts that were followed by another one of the same session. */
  readonly includeRetried: boolean
  readonly lastId?: AttemptId
  readonly count: number
}

/** Each in words that the partial indexes of migration 025 are made of. */
const statusConditions: Readonly<Record<AttemptStatus, string>> = {
  running: 'a.finished_at is null and a.success is not true',
  success: 'a.success',
  error: 'a.success is not true and a.finished_at is not null and not a.cancel_requested',
  killed: 'a.success is not true and a.finished_at is not null and a.cancel_requested',
}

/** Of `attempts a`. */
export function statusCondition(statuses: readonly AttemptStatus[]): string {
  const any = statuses.map((status) => `(${statusConditions[status]})`).join(' or ')
  // Said once more for all of them, so that one index has them all.
  return statuses.includes('success') ? any : `a.success is not true and (${any})`
}

/** Of `attempts a`: nothing of the same session came after it. */
export const isLast =
  'not exists (select from attempts later where later.session_id = a.session_id and later.index > a.index)'

/** A column's place in a range. */
export function addRange(conditions: Conditions, column: string, { from, to }: TimeRange): void {
  if (from !== undefined)
    conditions.add(`${column} >= ${conditions.value(from.toISOString(), 'timestamptz')}`)
  if (to !== undefined)
    conditions.add(`${column} < ${conditions.value(to.toISOString(), 'timestamptz')}`)
}
