import type { AttemptId, ScheduleId, TaskId } from './ids.ts'

/** Who asked for something, and through what. */
export type Actor =
  | {
      readonly kind: 'user'
      /** Absent where nobody has to say who they are. */
      readonly name?: string
      /** The program that asked, as it calls itself, e.g. `curl/8.14.1`; absent where it does not. */
      readonly through?: string
    }
  | { readonly kind: 'schedule'; readonly scheduleId: ScheduleId }
  /** Somebody in Temporal's own UI, or with its command. */
  | {
      readonly kind: 'temporal'
      /** As Temporal knows them, where it does. */ readonly name?: string
    }
  /** A task of another attempt: `require>`. */
  | { readonly kind: 'task'; readonly attemptId: AttemptId; readonly taskId: TaskId }

/**
 * Why an attempt was started: asked for, by a schedule's tick, for a session that the schedule had passed,
 * as another try of a session, because a task requires it.
 */
export type StartReason = 'start' | 'schedule' | 'backfill' | 'retry' | 'require'

/** An actor as people read it; in SQL it is `reporting.actor_text`. */
export function actorText(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.name ?? actor.through ?? 'somebody'
    case 'schedule':
      return `schedule ${actor.scheduleId}`
    case 'task':
      return `attempt ${actor.attemptId}`
    case 'temporal':
      return actor.name === undefined ? 'somebody in Temporal' : `${actor.name} in Temporal`
  }
}
