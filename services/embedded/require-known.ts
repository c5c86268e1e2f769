import { nearest } from '#workflows/dig/did-you-mean.ts'
import { UsageError } from './failure.ts'

/** Throws a UsageError about names on a command line that mean nothing, before anything is started for the others. */
export function requireKnown(
  what: string,
  names: readonly string[],
  known: readonly string[],
): void {
  const wrong = names.filter((name) => !known.includes(name))
  if (wrong.length === 0) return
  const said = wrong.map((name) => {
    const near = nearest(name, known)
    return `There is no ${what} ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`
  })
  throw new UsageError([...said, `There are ${known.join(', ')}.`].join('\n'))
}
