import type { Attempt, Stall } from '#store/types.ts'

/** What Temporal says of an attempt's workflow, or of one of its branches. */
export interface WorkflowSeen {
  readonly workflowId: string
  /** Undefined while it runs; `gone`: Temporal does not know it. */
  readonly closed?: {
    readonly how: 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed out' | 'gone'
    /** When it closed; of one that is gone, when that was first seen. */
    readonly at: Date
  }
  readonly cancelRequested: boolean
  /** Of the workflow code that it runs on. */
  readonly version?: string
  /** Its workflow task fails again and again. */
  readonly failing?: Failing
}

export interface Failing extends Stall {
  /** The code does not do again what the history says that it did. */
  readonly nondeterministic: boolean
}

export type Verdict =
  | { readonly kind: 'fine' }
  /** The kill has not reached its workflow. */
  | { readonly kind: 'cancel' }
  /** It was canceled in Temporal, and nobody here knows. */
  | { readonly kind: 'canceled' }
  | { readonly kind: 'stalled'; readonly stall: Stall }
  /** It cannot end by itself any more. */
  | {
      readonly kind: 'abandon'
      readonly killed: boolean
      readonly why: string
      /** Somebody ended it in Temporal. */
      readonly byHand: boolean
    }

/** How long something is left to itself, in milliseconds. */
export interface Patience {
  /** Nothing can have been wrong with a younger attempt for long enough to tell; most have ended by then. */
  readonly young: number
  /** A closed workflow's own last word may be under way. */
  readonly closed: number
  /** One that Temporal does not know: perhaps it is another Temporal, by a mistake in the settings. */
  readonly gone: number
  /** A killed attempt that cannot go on. */
  readonly killed: number
  /** An attempt that the code cannot replay: workers of the version that began it may still be there. */
  readonly nondeterministic: number
}

export const usualPatience: Patience = {
  young: 10_000,
  closed: 10_000,
  gone: 600_000,
  killed: 10_000,
  nondeterministic: 120_000,
}

/** What is to be done about an open attempt, given what Temporal says of its workflow and branches. */
export function verdictOn(
  attempt: Pick<Attempt, 'cancelRequested'>,
  [root, ...branches]: readonly [WorkflowSeen, ...WorkflowSeen[]],
  now: Date,
  patience: Patience = usualPatience,
): Verdict {
  const { closed } = root
  if (closed !== undefined) {
    const patient = closed.how === 'gone' ? patience.gone : patience.closed
    if (now.getTime() - closed.at.getTime() < patient) return { kind: 'fine' }
    const killed = attempt.cancelRequested || killing.has(closed.how)
    return {
      kind: 'abandon',
      killed,
      why: whyClosed[closed.how],
      byHand: killing.has(closed.how),
    }
  }
  const failing = [root, ...branches].find((seen) => seen.failing !== undefined)?.failing
  if (failing !== undefined) {
    const lasts = now.getTime() - Date.parse(failing.since)
    const killed = attempt.cancelRequested || root.cancelRequested
    const { since, tries, message } = failing
    const giveUp =
      (killed && lasts >= patience.killed) ||
      (failing.nondeterministic && lasts >= patience.nondeterministic)
    if (!giveUp) return { kind: 'stalled', stall: { since, tries, message } }
    return { kind: 'abandon', killed, why: `${cannotGoOn} ${message}`, byHand: false }
  }
  if (attempt.cancelRequested && !root.cancelRequested) return { kind: 'cancel' }
  if (!attempt.cancelRequested && root.cancelRequested) {
    return { kind: 'canceled' }
  }
  return { kind: 'fine' }
}

const killing: ReadonlySet<string> = new Set(['canceled', 'terminated'])

const whyClosed: Readonly<Record<NonNullable<WorkflowSeen['closed']>['how'], string>> = {
  completed: 'The workflow of this attempt has ended in Temporal without writing its end',
  failed: 'The workflow of this attempt failed in Temporal before it could write its end',
  canceled: 'The workflow of this attempt was canceled in Temporal before it could write its end',
  terminated: "The attempt was terminated in Temporal's own UI or by its command",
  'timed out': 'The workflow of this attempt timed out in Temporal',
  gone: 'Temporal does not know this attempt any more: its workflow was deleted, or its data are lost',
}

const cannotGoOn =
  'Suiro could not go on with this attempt and has ended it; what its tasks did remains, and it can be resumed. Temporal says:'
