import type { Client } from '@temporalio/client'

const patienceMs = 3_000

/** Gives Temporal a few seconds; a request does not hang when it is down. */
export const withPatience = <Result>(client: Client, ask: () => Promise<Result>): Promise<Result> =>
  client.withDeadline(Date.now() + patienceMs, ask)
