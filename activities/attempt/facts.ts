import type { Store } from '#store/index.ts'
import type { Attempt, Workflow } from '#store/types.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
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

/** Reads an attempt and its workflow once, for all the tasks that run on this worker. */
export function createFacts(store: Pick<Store, 'attempts' | 'workflows'>): FindFacts {
  return createCache(mostCached, async (id) => {
    const attempt = await store.attempts.find(id)
    const workflow = attempt && (await store.workflows.find(attempt.workflowId))
    if (attempt === undefined || workflow === undefined) {
      throw taskFailure(`Attempt ${id} does not exist`)
    }
    return { attempt, workflow }
  })
}
