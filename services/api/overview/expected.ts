import type { Schedule } from '#store/types.ts'
import { firstSchedule, nextSchedule, type ScheduledTime } from '#workflows/calendar/index.ts'

export interface ExpectedRun extends ScheduledTime {
  readonly schedule: Schedule
}

export interface ExpectedRuns {
  /** In the order in which they run. */
  readonly runs: readonly ExpectedRun[]
  /** There are others until then. */
  readonly more: boolean
}

/** What schedules will run after `now` and until then; those that are disabled run nothing. */
export function expectedRuns(
  schedules: readonly Schedule[],
  { now, until, most }: { readonly now: Date; readonly until: Date; readonly most: number },
): ExpectedRuns {
  const next = schedules
    .filter(({ disabledAt }) => disabledAt === null)
    .map((schedule): ExpectedRun => ({ schedule, ...firstAfter(schedule, now) }))
  const runs: ExpectedRun[] = []
  for (;;) {
    const index = earliest(next)
    const run = next[index]
    if (run === undefined || run.runTime > until) return { runs, more: false }
    if (runs.length === most) return { runs, more: true }
    runs.push(run)
    next[index] = {
      schedule: run.schedule,
      ...nextSchedule(run.schedule.definition, run.sessionTime),
    }
  }
}

/** What its row says; an overdue session is late, and the one after it is expected. */
function firstAfter(schedule: Schedule, now: Date): ScheduledTime {
  const { nextSessionTime: sessionTime, nextRunTime: runTime, definition } = schedule
  return runTime > now
    ? { sessionTime, runTime }
    : firstSchedule(definition, new Date(now.getTime() + 1))
}

const earliest = (runs: readonly ScheduledTime[]): number =>
  runs.reduce((best, { runTime }, index) => (runTime < runs[best]!.runTime ? index : best), 0)
