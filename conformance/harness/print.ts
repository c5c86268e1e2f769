import { inspect } from 'node:util'
import type { Finding, Verdict } from './run-cases.ts'

/** A case's differences, fact by fact, as lines to read. */
export function formatFindings(name: string, findings: readonly Finding[]): string {
  return findings
    .flatMap(({ what, differences }) => [
      `✗ ${name}: ${what}`,
      ...differences.flatMap(({ at, expected, actual }) => [
        `    ${at}`,
        `      expected ${show(expected)}`,
        `      but got  ${show(actual)}`,
      ]),
    ])
    .join('\n')
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = inspect(value, { depth: 8, breakLength: 100, maxStringLength: 600 })
  return text.replaceAll('\n', '\n               ')
}

/** How many cases are as expected, different, or not run and why. */
export function formatSummary(verdicts: ReadonlyMap<string, Verdict>): string {
  const all = [...verdicts.values()]
  const count = (is: Verdict['is']): number => all.filter((verdict) => verdict.is === is).length
  const notRun = [...verdicts].flatMap(([name, verdict]) =>
    verdict.is === 'not run' ? [`  not run: ${name} needs ${verdict.missing.join(', ')}`] : [],
  )
  const counts = `${count('as expected')} as expected, ${count('different')} different, ${notRun.length} not run`
  return [...notRun, counts].join('\n')
}
