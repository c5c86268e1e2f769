import pg from 'pg'

/**
 * Errors of statements that PostgreSQL did not answer, marked where they arise: what an operator throws may
 * look the same and come from another server.
 */
const outages = new WeakSet<object>()

/** Whether the store could not be reached, or could not serve anybody, so that the same call will do later. */
export const isStoreOutage = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && outages.has(error)

/** Marks an error of ours that will pass: the same call will do later, or in another process. */
export function markOutage<Kind extends Error>(error: Kind): Kind {
  outages.add(error)
  return error
}

/** Marks what a call to the store fails with, where it is an outage. */
export async function markingOutages<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    if (typeof error === 'object' && error !== null && isOutage(error)) outages.add(error)
    throw error
  }
}

/**
 * Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources,
 * shutdown and start, a standby that is no primary yet, and transactions that lost against another one.
 */
const passing = /^(08|53|57P0[1-4]|58|25006|40001|40P01|55P03)/

/** What the driver says itself when a connection breaks or none can be had. */
const broken =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/

function isOutage(error: object): boolean {
  if (error instanceof AggregateError) return error.errors.some((one: object) => isOutage(one))
  if (error instanceof pg.DatabaseError) return passing.test(error.code ?? '')
  // Node's errors of sockets and names: ECONNREFUSED, ECONNRESET, EAI_AGAIN, …
  if ('syscall' in error && 'code' in error) return true
  return error instanceof Error && broken.test(error.message)
}
