import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TaskMessage } from '#store/tasks.ts'
import type { OperatorContext } from '../task/operator.ts'
import { excerpt } from '#workflows/domain/cut.ts'

/** What is reported; the fields of Digdag's own notifications, and beyond them what failed. */
export interface Notification extends JsonObject {
  readonly timestamp: string
  readonly message: string
  readonly site_id: number
  readonly project_id: number
  readonly project_name: string
  readonly workflow_name: string
  readonly revision: string
  readonly attempt_id: number
  readonly session_id: number
  readonly task_name: string
  readonly timezone: string
  readonly session_uuid: string
  readonly session_time: string
  readonly workflow_definition_id: null
  readonly failed_tasks: readonly { readonly task_name: string; readonly message: string }[]
}

export function notificationOf(
  message: string,
  { task }: { readonly task: Omit<OperatorContext['task'], 'taskId' | 'retries'> },
  failures: readonly TaskMessage[],
): Notification {
  return {
    timestamp: new Date().toISOString(),
    message,
    site_id: 0,
    project_id: task.projectId,
    project_name: task.projectName,
    workflow_name: task.workflowName,
    revision: task.revision,
    attempt_id: task.attemptId,
    session_id: task.sessionId,
    task_name: task.fullName,
    timezone: task.timezone,
    session_uuid: task.sessionUuid,
    session_time: formatSessionTime(task.sessionTime, task.timezone),
    workflow_definition_id: null,
    failed_tasks: failures.map(({ fullName, message }) => ({ task_name: fullName, message })),
  }
}

/** In a few lines, for people. */
export function summaryOf(notification: Notification): string {
  const { project_name, workflow_name, session_time, attempt_id, failed_tasks } = notification
  return [
    `${project_name} / ${workflow_name}, session ${session_time}, attempt ${attempt_id}`,
    ...failed_tasks.map(({ task_name, message }) => `${task_name}: ${excerpt(message, longest)}`),
  ].join('\n')
}

const longest = 500
