// A token that says where statements begin and end; all else of SQL is skipped. A text may hold backslash
// escapes only behind an E, and dollar quotes have tags.
const token =
  /--[^\n]*|\/\*|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\k<tag>\$|;|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/g

const controls: ReadonlySet<string> = new Set([
  ...['begin', 'start transaction', 'commit', 'end', 'rollback', 'abort'],
  'prepare transaction',
])

/**
 * The first statement that begins or ends a transaction of its own, as it is written; undefined when there
 * is none. Savepoints are none: they live inside of a transaction.
 */
export function transactionControl(sql: string): string | undefined {
  // The words of the statement so far, as far as they matter.
  let words: readonly string[] = []
  // Inside of `begin atomic … end`, a function's body, semicolons end no statement of ours.
  let depth = 0
  for (const word of wordsOf(sql)) {
    if (word === ';') {
      if (depth > 0) continue
      const found = controlOf(words)
      if (found !== undefined) return found
      words = []
      continue
    }
    if (word === 'atomic' && words.length > 1 && words.at(-1) === 'begin') depth += 1
    else if (depth > 0 && word === 'case') depth += 1
    else if (depth > 0 && word === 'end') depth -= 1
    words = words.length < 3 ? [...words, word] : [...words.slice(0, 3), word]
  }
  return controlOf(words)
}

function controlOf(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = ''] = words
  if (first === 'rollback') {
    const inside = second === 'to' || (['work', 'transaction'].includes(second) && third === 'to')
    return inside ? undefined : 'ROLLBACK'
  }
  const found = [first, `${first} ${second}`].find((text) => controls.has(text))
  return found?.toUpperCase()
}

function* wordsOf(sql: string): Generator<string> {
  let at = 0
  for (;;) {
    token.lastIndex = at
    const found = token.exec(sql)
    if (found === null) return
    const [text] = found
    at = found.index + text.length
    if (text === '/*') at = endOfComment(sql, at)
    else if (text === ';') yield text
    else if (/^[A-Za-z_\u0080-\uffff][^']*$/.test(text)) yield text.toLowerCase()
  }
}

/** Comments of this kind may hold others. */
function endOfComment(sql: string, from: number): number {
  const border = /\/\*|\*\//g
  border.lastIndex = from
  for (let depth = 1; depth > 0;) {
    const found = border.exec(sql)
    if (found === null) return sql.length
    depth += found[0] === '/*' ? 1 : -1
  }
  return border.lastIndex
}
