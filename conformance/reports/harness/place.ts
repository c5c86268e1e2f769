import type { Stack } from '#harness/stack/stack.ts'
import type { NamedReport } from './read-reports.ts'

/** A report on a stack, and what its steps have made so far. */
export interface Place {
  readonly stack: Stack
  readonly report: NamedReport
  /** Parameters that every start is given: where the servers are. */
  readonly given: Readonly<Record<string, string | number>>
  readonly pgPassword: string
  readonly project: string
  projectId: string
  workflowId: string
  attemptId: string
}
