import type { JsonObject } from '../domain/json.ts'
import type { RetryRule } from '../domain/retry.ts'

/** One task as compiled from a `.dig` file (or from a control operator's `_do`). */
export interface TaskDefinition {
  /** Own name with its sign: `+load`, `^sub`. A full name is the parent's full name plus this. */
  readonly name: string
  /** Operator without its `>`, e.g. `bq`; absent for a group. */
  readonly operator?: string
  /** Local config in written order, subtasks taken out; what Digdag's API shows as `config`. */
  readonly config: JsonObject
  /** `_export` of this task; empty when there is none. */
  readonly exports: JsonObject
  /** Indexes of the siblings in `children` of the parent that must succeed first. */
  readonly upstreams: readonly number[]
  /** `_retry` where it is a literal; an operator's own retries are read at run time. */
  readonly retry?: RetryRule
  readonly children: readonly TaskDefinition[]
}

/** `schedule:` as written and checked; `timezone` is the workflow's. */
export interface ScheduleDefinition {
  readonly type:
    | 'hourly'
    | 'daily'
    | 'weekly'
    | 'monthly'
    | 'minutes_interval'
    | 'seconds_interval'
    | 'cron'
  /** The text after the type: `07:00:00`, `Sun,09:00:00`, `30`, `0 4 * * *`. */
  readonly command: string
  readonly timezone: string
  /** Seconds between session time and run time for `cron`, `minutes_interval`, `seconds_interval`. */
  readonly delaySeconds: number
  readonly skipOnOvertime: boolean
  readonly skipDelayedBySeconds?: number
  /** `YYYY-MM-DD`, local. */
  readonly start?: string
  /** `YYYY-MM-DD`, local, inclusive. */
  readonly end?: string
}

/** `sla:` as written and checked: what happens when an attempt is not done in time. */
export interface SlaDefinition {
  /** `time`: the next such local time at or after the run; `duration`: so long after it. */
  readonly kind: 'time' | 'duration'
  /** Since local midnight (24 hours and more mean a later day), or since the run time. */
  readonly seconds: number
  readonly alert: boolean
  readonly fail: boolean
  /** The mapping of the group `^sla`: its tasks and directives, without the options above. */
  readonly tasks: JsonObject
}

/** One workflow: a `.dig` file in a project's root. */
export interface WorkflowDefinition {
  /** File name without `.dig`. */
  readonly name: string
  readonly timezone: string
  /** The whole file as read, includes resolved: what Digdag's API shows as the workflow's `config`. */
  readonly config: JsonObject
  readonly root: TaskDefinition
  /** Parameters weaker than all others; a TypeScript batch's, `.dig` files have none. */
  readonly defaults?: JsonObject
  readonly schedule?: ScheduleDefinition
  readonly sla?: SlaDefinition
}
