import type { Store } from '#store/index.ts'
import type { Attempt, Workflow } from '#store/types.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import { taskFailure } from '../failure.ts'
import { createCache } from '../cache.ts'

/** What never changes of an attempt while it runs. */
export interface AttemptFacts {
  readonly attempt: Omit<
    Attempt,
    'cancelRequested' | 'stalled' | 'startedAt' | 'finishedAt' | 'success'
  >
  readonly workflow: Workflow
}

export type FindFacts = (id: AttemptId) => Promise<AttemptFacts>

const mostCached = 200

/**
 * Reads an attempt once for all its tasks that run on this worker, and a workflow of a revision, which never changes and
 * may be large, once for all its attempts.
 */
export function createFacts(store: Pick<Store, 'attempts' | 'workflows'>): FindFacts {
  const workflows = createCache(mostCached, async (id: WorkflowId) => {
    const workflow = await store.workflows.find(id)
    if (workflow === undefined) throw taskFailure(`Workflow ${id} does not exist`)
    return workflow
  })
  return createCache(mostCached, async (id) => {
    const attempt = await store.attempts.find(id)
    if (attempt === undefined) throw taskFailure(`Attempt ${id} does not exist`)
    return { attempt, workflow: await workflows(attempt.workflowId) }
  })
}
