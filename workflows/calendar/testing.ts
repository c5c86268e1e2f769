import type { ScheduleDefinition } from '../dig/definition.ts'

/** A schedule as a push would have read it. */
export const schedule = (
  type: ScheduleDefinition['type'],
  command: string,
  more: Partial<ScheduleDefinition> = {},
): ScheduleDefinition => ({
  type,
  command,
  timezone: 'UTC',
  delaySeconds: 0,
  skipOnOvertime: false,
  ...more,
})

export const at = (text: string): Date => new Date(text)
