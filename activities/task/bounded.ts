import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity'
import { taskFailure } from '../failure.ts'
import { mostTries } from './describe-failure.ts'
import { isOutage } from './outage.ts'

/** Lets Temporal repeat a call without end only while a part of ours is away; else its task fails in the end. */
export async function bounded<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    const known = error instanceof ApplicationFailure || error instanceof CancelledFailure
    const { info, cancellationSignal } = Context.current()
    if (known || isOutage(error) || cancellationSignal.aborted || info.attempt < mostTries) {
      throw error
    }
    throw taskFailure(`${String(error)} (runtime)`)
  }
}
