import { Worker } from '@temporalio/worker'
import { dataConverter } from '#services/shared/temporal.ts'
import { workflowBundle } from '../workflows/temporal.ts'
import { prefixes, type NamedHistory } from './histories.ts'

/** Replays histories from every prefix; answers what went wrong, a sentence each. */
export async function replayAll(histories: readonly NamedHistory[]): Promise<readonly string[]> {
  const all = histories.flatMap(({ workflowId, history }) =>
    prefixes(history).map((prefix) => ({ workflowId, history: prefix })),
  )
  const faults: string[] = []
  const options = { workflowBundle: await workflowBundle(), dataConverter }
  let place = 0
  for await (const { workflowId, error } of Worker.runReplayHistories(options, all)) {
    const events = all[place]?.history.events?.length ?? 0
    place += 1
    if (error !== undefined) faults.push(`${workflowId} up to event ${events}: ${error.message}`)
  }
  if (place !== all.length) faults.push(`${place} of ${all.length} histories were replayed`)
  return faults
}
