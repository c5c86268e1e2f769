import type { Client } from '#client/client.ts'
import { compare, type Difference } from './compare.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { operatorOf, type Needs } from './needs.ts'
import { expectation, type Observation } from './observation.ts'
import { observe } from './observe.ts'

export type Verdict =
  | { readonly is: 'as expected' }
  | { readonly is: 'not run'; readonly missing: readonly string[] }
  | { readonly is: 'different'; readonly findings: readonly Finding[] }

export interface Finding {
  readonly what: string
  readonly differences: readonly Difference[]
}

export interface Servers {
  readonly suiro: Client
  readonly digdag?: Client
}

const notAsRecorded = 'Digdag is not as recorded'

/** Whether the Digdag server did what the case says of it; undefined where that was not seen. */
export function saidByDigdag(verdict: Verdict): boolean | undefined {
  if (verdict.is === 'not run') return undefined
  if (verdict.is === 'as expected') return true
  // A case that could not be run says nothing of either.
  if (verdict.findings.some(({ differences }) => differences.length === 0)) return undefined
  return verdict.findings.every(({ what }) => what !== notAsRecorded)
}

/** Runs one case on Suiro, and on a Digdag server if there is one, and compares what they did. */
export async function runCase(
  one: ConformanceCase,
  servers: Servers,
  needs: Needs,
): Promise<Verdict> {
  const missing = needs.missing(one.expected.needs ?? [])
  if (missing.length > 0) return { is: 'not run', missing }
  try {
    return await compareServers(one, servers, needs)
  } catch (error) {
    const what = `could not be run: ${error instanceof Error ? error.message : String(error)}`
    return { is: 'different', findings: [{ what, differences: [] }] }
  }
}

async function compareServers(
  one: ConformanceCase,
  servers: Servers,
  needs: Needs,
): Promise<Verdict> {
  const wanted = one.expected.needs ?? []
  const on = (api: Client): Promise<Observation> =>
    observe(api, one, needs.params(wanted), needs.secrets(wanted))
  const { suiro, digdag } = servers
  const [ours, theirs] = await Promise.all([on(suiro), digdag && on(digdag)])
  const unknown = wanted.filter((need) => lacksOperator(ours, operatorOf(need)))
  if (unknown.length > 0) return { is: 'not run', missing: unknown }
  const expected = expectation(one.expected, 'suiro')
  const findings: Finding[] = [
    { what: 'Suiro is not as expected', differences: compare(expected, ours) },
  ]
  if (theirs !== undefined) {
    findings.push(
      {
        what: notAsRecorded,
        differences: compare(expectation(one.expected, 'digdag'), theirs),
      },
      {
        what: 'Suiro differs from Digdag beyond what is meant',
        differences: unmeant(one, compare(theirs, ours)),
      },
    )
  }
  const found = findings.filter(({ differences }) => differences.length > 0)
  return found.length === 0 ? { is: 'as expected' } : { is: 'different', findings: found }
}

/** Whether a server said that it does not have an operator. */
const lacksOperator = ({ attempts }: Observation, operator: string | undefined): boolean =>
  operator !== undefined &&
  JSON.stringify(attempts).includes(`"Unknown task type: ${operator} (config)"`)

/** Without the places for which the case says that Suiro differs on purpose. */
function unmeant(
  { expected }: ConformanceCase,
  differences: readonly Difference[],
): readonly Difference[] {
  const meant = (expected.differs ?? []).flatMap(({ ours }) => Object.keys(ours))
  return differences.filter(
    ({ at }) => !meant.some((place) => `/${at}` === place || `/${at}`.startsWith(`${place}/`)),
  )
}

/** Runs what is given, so many at a time, in order. */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: limit }, lane))
}
