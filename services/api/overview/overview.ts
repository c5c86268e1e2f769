import type { Store } from '#store/index.ts'
import type { Cause, OpenAttempt, Usual } from '#store/overview.ts'
import type { SkippedSessions } from '#store/skipped-sessions.ts'
import type { Attempt, Schedule } from '#store/types.ts'
import { undecided } from '#workflows/calendar/index.ts'
import type { AttemptId, ProjectId } from '#workflows/domain/ids.ts'
import { expectedRuns, type ExpectedRuns } from './expected.ts'
import { lateAttempt, lateSchedule, runsLong, type Late } from './late.ts'

export interface Wanted {
  readonly now: Date
  readonly hours: number
  readonly projectId?: ProjectId
}

/** Sessions that a schedule has passed, or that wait because it is disabled. */
export type Missed =
  | { readonly reason: 'skipped'; readonly row: SkippedSessions; readonly schedule: Schedule }
  | {
      readonly reason: 'disabled'
      readonly schedule: Schedule
      readonly from: Date
      readonly until: Date
    }

/** A list, cut, and how many there are. */
export interface Counted<Item> {
  readonly items: readonly Item[]
  readonly count: number
}

export interface Overview {
  readonly since: Date
  readonly now: Date
  readonly until: Date
  readonly failed: Counted<{ readonly attempt: Attempt; readonly cause: Cause | undefined }>
  readonly killed: Counted<Attempt>
  readonly mendedCount: number
  readonly late: Counted<Late>
  readonly running: Counted<{ readonly attempt: OpenAttempt; readonly tasks: readonly string[] }>
  readonly waiting: Counted<OpenAttempt>
  readonly expected: ExpectedRuns
  readonly missed: Counted<Missed>
}

/** Of each list. */
export const mostShown = 100
/** Whether they are late is looked up for so many unfinished attempts, the oldest. */
const mostOpen = 1_000

const hourMs = 3_600_000

/** What a team looks at in the morning: what went wrong, what is under way, what comes. */
export async function readOverview(
  store: Pick<Store, 'overview' | 'schedules'>,
  { now, hours, projectId }: Wanted,
): Promise<Overview> {
  const since = new Date(now.getTime() - hours * hourMs)
  const until = new Date(now.getTime() + hours * hourMs)
  const of = projectId === undefined ? {} : { projectId }
  const [ended, open, counts, all, skipped] = await Promise.all([
    store.overview.unsuccessful({ since, most: mostShown, ...of }),
    store.overview.open({ most: mostOpen, ...of }),
    store.overview.openCounts(projectId),
    store.schedules.all(),
    store.overview.skipped({ since, most: mostShown, ...of }),
  ])
  const schedules = all.filter((one) => projectId === undefined || one.projectId === projectId)
  const running = open.filter(({ startedAt }) => startedAt !== null).slice(0, mostShown)
  const [attempts, causes, tasks, late] = await Promise.all([
    store.overview.attempts([...ended.failed, ...ended.killed]),
    store.overview.causes(ended.failed),
    store.overview.runningTasks(running.map(({ id }) => id)),
    lateOf(store, open, schedules, now),
  ])
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]))
  const rowsOf = (ids: readonly AttemptId[]) => ids.flatMap((id) => byId.get(id) ?? [])
  const waiting = open.filter(({ startedAt }) => startedAt === null)
  return {
    since,
    now,
    until,
    failed: {
      items: rowsOf(ended.failed).map((attempt) => ({ attempt, cause: causes.get(attempt.id) })),
      count: ended.failedCount,
    },
    killed: { items: rowsOf(ended.killed), count: ended.killedCount },
    mendedCount: ended.mendedCount,
    late: { items: late.slice(0, mostShown), count: late.length },
    running: {
      items: running.map((attempt) => ({ attempt, tasks: tasks.get(attempt.id) ?? [] })),
      count: counts.running,
    },
    waiting: { items: waiting.slice(0, mostShown), count: counts.waiting },
    expected: expectedRuns(schedules, { now, until, most: mostShown }),
    missed: missedOf(skipped, schedules, now),
  }
}

async function lateOf(
  { overview }: Pick<Store, 'overview'>,
  open: readonly OpenAttempt[],
  schedules: readonly Schedule[],
  now: Date,
): Promise<readonly Late[]> {
  const [slas, usual] = await Promise.all([
    overview.slas([...new Set(open.map(({ workflowId }) => workflowId))]),
    overview.usual(workflowsOf(open.filter((attempt) => runsLong(attempt, now)))),
  ])
  const usualOf = new Map(usual.map((one) => [nameOf(one), one]))
  const late = [
    ...open.map((attempt) =>
      lateAttempt(attempt, slas.get(attempt.workflowId), usualOf.get(nameOf(attempt)), now),
    ),
    ...schedules.map((schedule) => lateSchedule(schedule, now)),
  ]
  return late
    .filter((one) => one !== undefined)
    .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime())
}

type WorkflowName = Pick<Usual, 'projectId' | 'workflowName'>

const nameOf = ({ projectId, workflowName }: WorkflowName): string => `${projectId}/${workflowName}`

const workflowsOf = (attempts: readonly WorkflowName[]): readonly WorkflowName[] => [
  ...new Map(attempts.map((attempt) => [nameOf(attempt), attempt])).values(),
]

/** What waits comes first: somebody can still have it run. */
function missedOf(
  { rows, total }: { readonly rows: readonly SkippedSessions[]; readonly total: number },
  schedules: readonly Schedule[],
  now: Date,
): Counted<Missed> {
  const waiting = schedules.flatMap((schedule): Missed[] => {
    const { disabledAt, definition, nextSessionTime, nextRunTime } = schedule
    if (disabledAt === null) return []
    const due = undecided(definition, { sessionTime: nextSessionTime, runTime: nextRunTime }, now)
    return due === undefined ? [] : [{ reason: 'disabled', schedule, ...due }]
  })
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]))
  const passed = rows.flatMap((row): Missed[] => {
    const schedule = byId.get(row.scheduleId)
    return schedule === undefined ? [] : [{ reason: 'skipped', row, schedule }]
  })
  return {
    items: [...waiting, ...passed].slice(0, mostShown),
    count: waiting.length + total,
  }
}
