/**
 * Like `Promise.all`, but a failure is thrown only when all have ended, so that no task of a batch is
 * still running when the batch ends.
 */
export async function parallel(runs: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(runs)
  const failed = settled.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
