import { lastSessionTime, nextSchedule, sessionVariables } from '#workflows/calendar/index.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import type { Task } from '#store/types.ts'
import type { AttemptFacts } from '../attempt/facts.ts'

/**
 * The built-in variables of a task (docs/language.md#built-in-variables). `requested`: its other parameters, in which the
 * times of the sessions around this one are where the attempt was given them.
 */
export function runtimeParams(
  { attempt, workflow }: AttemptFacts,
  task: Pick<Task, 'fullName'>,
  requested: JsonObject,
): JsonObject {
  const { timezone, sessionTime } = attempt
  const { schedule } = workflow.definition
  const last =
    readTime(requested['last_session_time']) ?? (schedule && lastSessionTime(schedule, sessionTime))
  const next =
    readTime(requested['next_session_time']) ??
    (schedule && nextSchedule(schedule, sessionTime).sessionTime)
  const lastExecuted = readTime(requested['last_executed_session_time'])
  return {
    timezone,
    session_uuid: attempt.sessionUuid,
    session_id: attempt.sessionId,
    ...sessionVariables(sessionTime, timezone, 'session_'),
    ...(last === undefined ? {} : sessionVariables(last, timezone, 'last_session_')),
    ...sessionVariables(lastExecuted, timezone, 'last_executed_session_'),
    ...(next === undefined ? {} : sessionVariables(next, timezone, 'next_session_')),
    project_id: attempt.projectId,
    // As in Digdag it is not there, and not null, in an attempt without a name.
    ...(attempt.retryAttemptName === null ? {} : { retry_attempt_name: attempt.retryAttemptName }),
    attempt_id: attempt.id,
    task_name: task.fullName,
  }
}

function readTime(value: Json | undefined): Date | undefined {
  const time = typeof value === 'string' ? new Date(value) : undefined
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time
}
