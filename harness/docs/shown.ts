/**
 * Where a page's shortened answer differs from the real one: as paths, none where it is true. Of an object the page may
 * leave out fields, of a text the end (`…`), of a list what follows. Times, and the version of a program, are those of who wrote the page.
 */
export function differences(shown: unknown, real: unknown, path = '$'): readonly string[] {
  if (Array.isArray(shown)) {
    if (!Array.isArray(real)) return [`${path} is no list`]
    return shown.flatMap((one, index) => differences(one, real[index], `${path}[${index}]`))
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof real !== 'object' || real === null) return [`${path} is no object`]
    return Object.entries(shown).flatMap(([key, value]) =>
      differences(value, (real as Record<string, unknown>)[key], `${path}.${key}`),
    )
  }
  return isLike(shown, real) ? [] : [`${path} is ${JSON.stringify(real)}`]
}

const moment = /^\d{4}-\d\d-\d\dT[\d:]+(Z|[+-]\d\d:\d\d)$/
const program = /^(curl)\/[\d.]+$/
/** Session times are the page's own; those of the day on which it was written are another's. */
const isOfToday = (text: string): boolean => moment.test(text) && !text.startsWith('2001-')

function isLike(shown: unknown, real: unknown): boolean {
  if (typeof shown !== 'string' || typeof real !== 'string') return shown === real
  if (isOfToday(shown)) return isOfToday(real)
  if (program.test(shown)) return program.exec(real)?.[1] === program.exec(shown)?.[1]
  return shown.endsWith('…') ? real.startsWith(shown.slice(0, -1).trimEnd()) : shown === real
}
