import type { ScheduleDefinition, WorkflowDefinition } from '#workflows/dig/definition.ts'
import { jsonText } from './json-text.ts'

/** A workflow of a revision to keep; what is large in it is JSON already, wherever that was made. */
export interface NewWorkflow {
  readonly name: string
  readonly timezone: string
  readonly schedule?: ScheduleDefinition
  /** JSON. */
  readonly config: string
  /** JSON. */
  readonly definition: string
  /** Temporal workflow type. */
  readonly workflowType: string
}

export function newWorkflow(definition: WorkflowDefinition, workflowType: string): NewWorkflow {
  const { name, timezone, schedule, config } = definition
  return {
    name,
    timezone,
    ...(schedule === undefined ? {} : { schedule }),
    config: jsonText(config),
    definition: jsonText(definition),
    workflowType,
  }
}
