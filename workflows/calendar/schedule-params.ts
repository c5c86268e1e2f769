import type { WorkflowDefinition } from '../dig/definition.ts'
import type { JsonObject } from '../domain/json.ts'
import { lastSessionTime, nextSchedule } from './schedule-times.ts'
import { formatSessionTime } from './session-variables.ts'

/**
 * What an attempt of a scheduled workflow knows of the sessions around it, as attempt parameters. The next one respects
 * the schedule's start and end (9999-01-01 after it), the last one does not.
 */
export function scheduleParams(
  { schedule, timezone }: Pick<WorkflowDefinition, 'schedule' | 'timezone'>,
  sessionTime: Date,
): JsonObject {
  if (schedule === undefined) return {}
  return {
    last_session_time: formatSessionTime(lastSessionTime(schedule, sessionTime), timezone),
    next_session_time: formatSessionTime(nextSchedule(schedule, sessionTime).sessionTime, timezone),
  }
}
