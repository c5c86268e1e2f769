import { sleep } from '@temporalio/workflow'

/** An attempt as some other version of the code would walk it. */
export async function runAttempt(): Promise<void> {
  await sleep('1 hour')
}
