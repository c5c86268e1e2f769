/** Database ids, branded so that a session's cannot be passed as an attempt's. */
export type Id<Entity extends string> = number & { readonly [entity]: Entity }
declare const entity: unique symbol

export type ProjectId = Id<'project'>
export type RevisionId = Id<'revision'>
export type WorkflowId = Id<'workflow'>
export type ScheduleId = Id<'schedule'>
export type SessionId = Id<'session'>
export type AttemptId = Id<'attempt'>
export type TaskId = Id<'task'>
