import type { WorkflowDefinition } from '../dig/definition.ts'
import type { JsonObject } from '../domain/json.ts'
import { lastSessionTime, nextSessionTime } from './schedule-times.ts'
import { formatSessionTime } from './session-variables.ts'

/** What an attempt of a scheduled workflow knows of the sessions around it, as attempt parameters. */
export function scheduleParams(
  { schedule, timezone }: Pick<WorkflowDefinition, 'schedule' | 'timezone'>,
  sessionTime: Date,
): JsonObject {
  if (schedule === undefined) return {}
  return {
    last_session_time: formatSessionTime(lastSessionTime(schedule, sessionTime), timezone),
    next_session_time: formatSessionTime(nextSessionTime(schedule, sessionTime), timezone),
  }
}
