import { firstSchedule, nextSchedule } from '#workflows/calendar/index.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import { NoSchedule } from './errors.ts'
import { truncate } from './time.ts'

export type Truncation = 'hour' | 'day' | 'schedule' | 'next_schedule'

/** The session time that a workflow has at a time, in the way asked for. */
export function truncateSessionTime(
  time: Date,
  mode: Truncation | undefined,
  { schedule, timezone }: WorkflowDefinition,
): Date {
  switch (mode) {
    case undefined:
      return time
    case 'hour':
    case 'day':
      return truncate(time, mode, timezone)
    case 'schedule':
      if (schedule === undefined) throw new NoSchedule(mode)
      return firstSchedule(schedule, time).sessionTime
    case 'next_schedule':
      if (schedule === undefined) throw new NoSchedule(mode)
      return nextSchedule(schedule, time).sessionTime
  }
}
