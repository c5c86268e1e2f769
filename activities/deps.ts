import type { AcceptAttempt } from '#store/accept-attempt.ts'
import type { Store } from '#store/index.ts'
import type { Attempt } from '#store/types.ts'
import type { StartableAttempt } from '#workflows/attempt-start.ts'
import type { Sandbox } from './expression/sandbox.ts'
import type { AttemptEnded } from './attempt/close-attempt.ts'
import type { SettleDue } from './attempt/scheduled-session.ts'
import type { HttpSettings } from './http/settings.ts'
import type { NotificationSettings } from './notify/settings.ts'
import type { Operator } from './task/operator.ts'

/** Accepts an attempt and starts its Temporal workflow. */
export type StartAttempt = AcceptAttempt

/** What the activities need of the process they run in. */
export interface ActivitiesDeps {
  readonly store: Store
  /** Operators that touch the world (`sh`, `py`, `pg`, `bq`, …); those that only steer are built in. */
  readonly operators: readonly Operator[]
  readonly acceptAttempt: AcceptAttempt
  readonly settleSchedule: SettleDue
  readonly startAttempt: StartAttempt
  /** How a scheduled attempt is passed to Temporal. */
  readonly startable: (attempt: Attempt) => StartableAttempt
  /** Starts what waits for the end of an attempt; absent: the API's sweep does. */
  readonly attemptEnded?: AttemptEnded
  /** Where `${…}` is evaluated; the caller closes it. */
  readonly sandbox: Sandbox
  /** How notifications reach a webhook; the defaults unless said otherwise. */
  readonly http?: HttpSettings
  /** Absent: notifications are in their task's log only. */
  readonly notifications?: NotificationSettings
  /** Which worker writes a log, e.g. `1234@host`. */
  readonly agent: string
  /** Where a task's files are extracted; the system's folder for temporary files unless said otherwise. */
  readonly temporary?: string
  /** Of what one run of a task prints for its log; absent: defaultLogBytes. */
  readonly logBytes?: number
}
