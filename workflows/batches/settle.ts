/**
 * Like `Promise.all`, but a failure is thrown only when all have ended, so that no task of a batch is
 * still running when the batch ends.
 */
export async function parallel<Result>(
  runs: readonly Promise<Result>[],
): Promise<readonly Result[]> {
  const settled = await Promise.allSettled(runs)
  return settled.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
