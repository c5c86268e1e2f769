import type { OpenAttempt, Usual } from '#store/overview.ts'
import type { Schedule } from '#store/types.ts'
import { slaTime } from '#workflows/calendar/index.ts'
import type { SlaDefinition } from '#workflows/dig/definition.ts'

/**
 * `sla`: its own `sla` has passed. `not_started`: the schedule should have started it a minute ago. `longer_than_usual`: it
 * has run three times as long as usual, and ten minutes longer.
 */
export type Late =
  | { readonly why: 'sla'; readonly attempt: OpenAttempt; readonly dueAt: Date }
  | {
      readonly why: 'longer_than_usual'
      readonly attempt: OpenAttempt
      readonly dueAt: Date
      readonly usualSeconds: number
    }
  | { readonly why: 'not_started'; readonly schedule: Schedule; readonly dueAt: Date }

const startsWithinMs = 60_000
const times = 3
const atLeastSeconds = 600
/** Fewer say nothing of what is usual. */
const fewestRuns = 3

/** Undefined where it is in time. A backfill is never late by its `sla`. */
export function lateAttempt(
  attempt: OpenAttempt,
  sla: SlaDefinition | undefined,
  usual: Usual | undefined,
  now: Date,
): Late | undefined {
  if (sla !== undefined && attempt.reason !== 'backfill') {
    const dueAt = slaTime(sla, attempt.timezone, attempt.createdAt)
    if (dueAt <= now) return { why: 'sla', attempt, dueAt }
  }
  if (usual === undefined || usual.runs < fewestRuns || attempt.startedAt === null) return undefined
  const seconds = Math.max(usual.seconds * times, usual.seconds + atLeastSeconds)
  const dueAt = new Date(attempt.startedAt.getTime() + seconds * 1000)
  return dueAt > now
    ? undefined
    : { why: 'longer_than_usual', attempt, dueAt, usualSeconds: Math.round(usual.seconds) }
}

/** Whether its duration may be longer than usual: whoever asks for what is usual need not ask for others. */
export const runsLong = ({ startedAt }: OpenAttempt, now: Date): boolean =>
  startedAt !== null && now.getTime() - startedAt.getTime() >= atLeastSeconds * 1000

/** Undefined where nothing is overdue, or nothing is to run. */
export function lateSchedule(schedule: Schedule, now: Date): Late | undefined {
  const { disabledAt, nextRunTime: dueAt } = schedule
  const isLate = disabledAt === null && dueAt.getTime() + startsWithinMs <= now.getTime()
  return isLate ? { why: 'not_started', schedule, dueAt } : undefined
}
