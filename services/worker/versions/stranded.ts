import type { WorkflowSeen } from '../watch/verdict.ts'

/** Workflows, of an attempt and its branches, that only a version whose workers are gone could go on with. */
export const strandedIn = (
  seen: readonly WorkflowSeen[],
  gone: ReadonlySet<string> | undefined,
): readonly string[] =>
  seen.flatMap(({ workflowId, version, closed }) =>
    closed === undefined && version !== undefined && gone?.has(version) === true
      ? [workflowId]
      : [],
  )
