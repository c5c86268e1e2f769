import type { Stack } from './stack.ts'

/** Id of an attempt's workflow in Temporal. */
export async function temporalIdOf(
  { query }: Pick<Stack, 'query'>,
  attemptId: string,
): Promise<string> {
  const [row] = await query<{ id: string }>(
    `select coalesce(temporal_prefix || '/', '') || 'attempt-' || id as id from attempts where id = $1`,
    [attemptId],
  )
  if (row === undefined) throw new Error(`Attempt ${attemptId} is not there`)
  return row.id
}
