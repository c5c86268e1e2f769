import type { WorkflowSeen } from '../watch/verdict.ts'

/** Workflows, of an attempt and its branches, that only a version without workers could go on with. */
export const strandedIn = (
  seen: readonly WorkflowSeen[],
  living: ReadonlySet<string> | undefined,
): readonly string[] =>
  seen.flatMap(({ workflowId, version, closed }) =>
    closed === undefined && version !== undefined && living?.has(version) === false
      ? [workflowId]
      : [],
  )
