/** That everything is to stop, and how much time it has. */
export interface Stopping {
  /** Aborted when somebody asks for the end: what is just starting gives up. */
  readonly asked: AbortSignal
  /** Aborted when they ask again: nothing is waited for any more. */
  readonly hurry: AbortSignal
}
