import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { ConformanceCase } from './conformance-case.ts'

/** That a real Digdag server did what a case says. */
export interface Confirmation {
  /** Version and Java: `digdag 0.10.5.1, Java 17`. */
  readonly server: string
  /** Of what was run and what came of it, so that a case that is changed is no longer confirmed. */
  readonly digest: string
}

export type Confirmations = ReadonlyMap<string, Confirmation>

const file = new URL('../confirmed.json', import.meta.url)

/** The server that the cases with `origin: digdag 0.10.5.1` were recorded from. */
const recordedFrom = 'digdag 0.10.5.1, Java 17'

export const readConfirmations = (): Confirmations =>
  new Map(
    Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map(
      ([name, text]) => {
        const [server = '', digest = ''] = text.split(' #')
        return [name, { server, digest }] as const
      },
    ),
  )

/** One line for each case, so that two runs of different cases can be merged. */
export function writeConfirmations(confirmations: Confirmations): void {
  const names = [...confirmations.keys()].sort()
  const lines = names.map((name) => {
    const { server, digest } = confirmations.get(name)!
    return [name, `${server} #${digest}`] as const
  })
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(lines), null, 2)}\n`)
}

/** What remains of confirmations when a server has run cases: what it did is kept, and what it did not goes. */
export function confirmedBy(
  server: string,
  before: Confirmations,
  ran: readonly { readonly one: ConformanceCase; readonly asRecorded: boolean }[],
): Confirmations {
  const after = new Map(before)
  for (const { one, asRecorded } of ran) {
    if (asRecorded) after.set(one.name, { server, digest: digestOf(one) })
    else after.delete(one.name)
  }
  return after
}

/** The real server that said so; undefined where a case is written from Digdag's documentation and source alone. */
export function serverOf(one: ConformanceCase, confirmations: Confirmations): string | undefined {
  const found = confirmations.get(one.name)
  if (found?.digest === digestOf(one)) return found.server
  return one.expected.origin === 'specification' ? undefined : recordedFrom
}

/** Of what is run and what Digdag makes of it; how it is told, and what Suiro does otherwise, is no part. */
export function digestOf({ files, expected }: ConformanceCase): string {
  const { what: _, rule: _r, origin: _o, needs: _n, differs: _d, refused: _m, ...said } = expected
  const text = JSON.stringify([[...files], said])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
