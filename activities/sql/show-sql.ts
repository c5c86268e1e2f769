import { excerpt, startOf } from '#workflows/domain/cut.ts'
import { lineInFile } from './line-in-file.ts'
import { listing } from './listing.ts'
import { linesOf, type Place } from './place.ts'

/** SQL that failed. */
export interface FailedSql {
  /** As it was run. */
  readonly sql: string
  /** The file of the project that it is from, and what is written there; absent: the task's own text. */
  readonly file?: { readonly path: string; readonly text: string | undefined } | undefined
  readonly place?: Place | undefined
}

export interface ShownSql {
  /** For a sentence: `queries/report.sql, line 3: "select amuont from …"`; empty where nothing is to be said. */
  readonly where: string
  /** For the log. */
  readonly listing: string
}

/** Of the marked line in a sentence. */
const longestQuote = 100

/** How SQL that failed is shown, secrets taken out before anything is cut. */
export function showSql(failed: FailedSql, mask: (text: string) => string): ShownSql {
  const sql = mask(failed.sql)
  const place = maskedPlace(failed, sql, mask)
  const name = failed.file?.path
  const ownLine = lineOf(failed)
  return {
    where: where(name, place, ownLine, sql),
    listing: `${heading(name, place, ownLine)}\n${listing(sql, place)}`,
  }
}

/** The same place in the masked text; none where a secret of several lines has moved it. */
function maskedPlace(
  { sql, place }: FailedSql,
  masked: string,
  mask: (text: string) => string,
): Place | undefined {
  if (place === undefined || masked === sql) return place
  const [lines, shown] = [linesOf(sql), linesOf(masked)]
  if (lines.length !== shown.length) return undefined
  const text = lines[place.line - 1] ?? ''
  if (place.at === undefined || shown[place.line - 1] === text) return place
  return { ...place, at: mask(startOf(text, place.at)).length }
}

/** The line of the file, where it is known and is another one than that of the text. */
function lineOf({ sql, file, place }: FailedSql): number | 'same' | 'unknown' {
  if (file === undefined || place === undefined) return 'same'
  if (file.text === undefined) return 'unknown'
  const line = lineInFile(file.text, sql, place.line)
  return line === place.line ? 'same' : (line ?? 'unknown')
}

function where(
  name: string | undefined,
  place: Place | undefined,
  ownLine: number | 'same' | 'unknown',
  sql: string,
): string {
  if (place === undefined) return name ?? ''
  const line = `${place.probably === true ? 'probably ' : ''}line ${place.line}`
  const quote = `"${quoted(linesOf(sql)[place.line - 1] ?? '', place.at)}"`
  if (name === undefined) return `${line} of the task's own SQL: ${quote}`
  if (ownLine === 'same') return `${name}, ${line}: ${quote}`
  const evaluated = `${line} of its evaluated text`
  return ownLine === 'unknown'
    ? `${name}, ${evaluated}: ${quote}`
    : `${name}, line ${ownLine}, which is ${evaluated}: ${quote}`
}

/** A line in a sentence: its beginning, or what is around the place. */
function quoted(text: string, at = 0): string {
  const lead = text.length - text.trimStart().length
  if (at - lead < longestQuote * 0.8) return excerpt(text.trim(), longestQuote)
  const from = startOf(text, at - longestQuote / 2).length
  return `…${excerpt(text.slice(from).trim(), longestQuote)}`
}

function heading(
  name: string | undefined,
  place: Place | undefined,
  ownLine: number | 'same' | 'unknown',
): string {
  const what = name === undefined ? "The task's own SQL" : `The SQL of ${name}`
  const notes = [
    ...(typeof ownLine === 'number' ? [`line ${place?.line} is line ${ownLine} of the file`] : []),
    ...(place?.probably === true
      ? ['marked is the line that holds what the message names, as no position was given']
      : []),
  ]
  return `${what}, as it was run${notes.length === 0 ? '' : ` (${notes.join('; ')})`}:`
}
