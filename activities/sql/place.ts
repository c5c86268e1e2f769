/** A place in an SQL text. */
export interface Place {
  /** From 1 on. */
  readonly line: number
  /** Where in the line, as an index of its text; absent: the line is all that is known. */
  readonly at?: number
  /** Nobody said so: something that the message names is in this line and in no other. */
  readonly probably?: true
}

export const linesOf = (sql: string): readonly string[] => sql.split(/\r\n|\n|\r/)

/** BigQuery counts characters, and a tab up to the next multiple of this. */
const tabWidth = 8

/** The place that a message of BigQuery's ends with, `… at [3:10]`; a text that it quotes may hold such words too. */
export function namedPlace(sql: string, message: string): Place | undefined {
  const found = [...message.matchAll(/\bat \[(?<line>\d+):(?<column>\d+)\]/g)].at(-1)?.groups
  if (found === undefined) return undefined
  const line = Number(found['line'])
  const text = linesOf(sql)[line - 1]
  return text === undefined ? undefined : { line, at: indexOfColumn(text, Number(found['column'])) }
}

function indexOfColumn(text: string, wanted: number): number {
  let column = 1
  let index = 0
  for (const character of text) {
    if (column >= wanted) break
    column = character === '\t' ? column + tabWidth - ((column - 1) % tabWidth) : column + 1
    index += character.length
  }
  return index
}

/** The place of an index of the text. */
export function placeOfIndex(sql: string, index: number): Place {
  const before = linesOf(sql.slice(0, index))
  return { line: before.length, at: before.at(-1)!.length }
}

/** The only line that holds something the message names; undefined where there are several, or none. */
export function probablePlace(sql: string, message: string): Place | undefined {
  const lines = linesOf(sql)
  for (const name of namesIn(message)) {
    const [place, ...others] = lines.flatMap((text, index): Place[] => {
      const at = indexOfName(text, name)
      return at === undefined ? [] : [{ line: index + 1, at, probably: true }]
    })
    if (place !== undefined && others.length === 0) return place
  }
  return undefined
}

const namePatterns: readonly RegExp[] = [
  /\b(?:Unrecognized name|Function not found|Name|Column name|Undeclared variable):? (?<name>[\w.]+)/,
  /\b[Cc]olumn "(?<name>[^"]+)"/,
  /\b(?:Table|Dataset|Routine|View) "?(?<name>[\w.:-]+)"?/,
  /\b(?:relation|function|type|schema) "?(?<name>[^"\s(]+)"?(?: does not exist|\()/,
  /"(?<name>[^"]+)"/,
  /'(?<name>[^']+)'/,
]

/** Names in a message, the surest first; of `project:data_set.table` also its ends, as a query may write them. */
function namesIn(message: string): readonly string[] {
  const named = namePatterns.flatMap((pattern) => pattern.exec(message)?.groups?.['name'] ?? [])
  return named.flatMap((name) => {
    const parts = name.replace(/[.:]+$/, '').split(/[.:]/)
    return parts.map((_, from) => parts.slice(from).join('.')).filter((end) => end.length > 1)
  })
}

/** Where a name stands by itself, whatever quotes are around its parts. */
function indexOfName(text: string, name: string): number | undefined {
  const parts = name.split('.').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  const whole = new RegExp(`(?<![\\w$])${parts.join('["`]?\\.["`]?')}(?![\\w$])`, 'iu')
  return whole.exec(text)?.index
}
