import type { Client } from '@temporalio/client'
import type { Log } from '#services/shared/log.ts'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt, Stall } from '#store/types.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Deployment } from '../versions/deployment.ts'
import { strandedIn } from '../versions/stranded.ts'
import { lookAt, whoEnded } from './look.ts'
import { usualPatience, verdictOn, type Patience, type Verdict } from './verdict.ts'

export interface WatchNeeds {
  readonly client: Client
  readonly attempts: Pick<Attempts, 'open' | 'setStalled' | 'requestCancel' | 'abandon'>
  readonly deployment: Pick<Deployment, 'known' | 'look' | 'move'>
  /** Notifies people that an attempt is stalled, or had to be ended. */
  readonly alarm: (attempt: Attempt, message: string) => Promise<void>
  readonly log: Pick<Log, 'warn'>
  readonly patience?: Patience
}

/** One look at some of the open attempts; each goes on where the last one stopped. */
export type Watch = () => Promise<void>

/** Attempts looked at in one round, and how many side by side. */
const inRound = 200
const atOnce = 8

// A1. An open attempt whose workflow has ended, or can never end by itself, is ended here.
// A2. An attempt that Temporal does not know is ended only when that has not changed for long.
// A3. One whose version of the code has no worker any more goes on with the version in force; whether that can, its
//     replay shows.
// A4. What is asked of Temporal is asked again in the next round; several workers may watch at a time.

/** Compares the open attempts with what Temporal says of them, some each round. */
export function createWatch(needs: WatchNeeds): Watch {
  const { client, attempts, deployment, log, patience = usualPatience } = needs
  let after = 0 as AttemptId
  const missing = new Map<string, Date>()
  const goneSince = (workflowId: string): Date => {
    const since = missing.get(workflowId) ?? new Date()
    missing.set(workflowId, since)
    return since
  }

  const stalled = async (attempt: Attempt, stall: Stall): Promise<void> => {
    if (!(await attempts.setStalled(attempt.id, stall))) return
    const message = `Attempt ${attempt.id} cannot go on: ${stall.message}`
    log.warn({ attempt: attempt.id }, message)
    await needs.alarm(attempt, message)
  }
  const abandon = async (
    attempt: Attempt,
    { killed, why, byHand }: Extract<Verdict, { kind: 'abandon' }>,
    open: boolean,
  ): Promise<void> => {
    const { id, temporalId } = attempt
    const actor = byHand ? await whoEnded(client, temporalId) : undefined
    // Its branches and running tasks end with it.
    if (open) await client.workflow.getHandle(temporalId).terminate(why)
    missing.delete(temporalId)
    if (!(await attempts.abandon(id, { killed, why, ...(actor && { actor }) }))) return
    const message = `Attempt ${id} was ended: ${why}`
    log.warn({ attempt: id }, message)
    // Whoever killed it knows.
    if (!killed) await needs.alarm(attempt, message)
  }

  const examine = async (attempt: Attempt): Promise<void> => {
    const workflowId = attempt.temporalId
    const seen = await lookAt(client, workflowId, goneSince)
    if (seen[0].closed?.how !== 'gone') missing.delete(workflowId)
    if (strandedIn(seen, deployment.known()?.gone).length > 0) {
      // Its workers may have come back since the last look.
      await deployment.look()
      const stranded = strandedIn(seen, deployment.known()?.gone)
      for (const one of stranded) await deployment.move(one)
      const message =
        'its version of the code has no worker any more: the one in force goes on with it'
      if (stranded.length > 0) log.warn({ attempt: attempt.id, workflows: stranded }, message)
      return
    }
    const verdict = verdictOn(attempt, seen, new Date(), patience)
    switch (verdict.kind) {
      case 'fine':
        if (attempt.stalled !== null) await attempts.setStalled(attempt.id, null)
        return
      case 'cancel':
        await client.workflow.getHandle(workflowId).cancel()
        return
      case 'canceled':
        await attempts.requestCancel(attempt.id, await whoEnded(client, workflowId))
        return
      case 'stalled':
        return stalled(attempt, verdict.stall)
      case 'abandon':
        return abandon(attempt, verdict, seen[0].closed === undefined)
    }
  }

  return async () => {
    const page = await attempts.open({ after, count: inRound })
    const others = page.filter(({ cancelRequested }) => !cancelRequested)
    after = page.length < inRound ? (0 as AttemptId) : (others.at(-1)?.id ?? after)
    const now = Date.now()
    const queue = page
      .filter(
        ({ cancelRequested, createdAt }) => cancelRequested || now - +createdAt >= patience.young,
      )
      .values()
    const lane = async (): Promise<void> => {
      for (const attempt of queue) {
        await examine(attempt).catch((error: unknown) => {
          log.warn({ attempt: attempt.id, err: error }, 'the attempt could not be looked at')
        })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
  }
}
