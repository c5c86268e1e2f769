import type { CST } from 'yaml'
import type { Place, Problem } from '../problem.ts'

/** Lines with a tag (`!include`) or a colon first that are indented otherwise than their mapping, which the parser takes. */
export function misplacedProblems(
  tokens: readonly CST.Token[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  const problems: Problem[] = []
  const open: CST.Token[] = [...tokens]
  while (true) {
    const token = open.pop()
    if (token === undefined) return problems
    if (token.type === 'document' && token.value) open.push(token.value)
    if (!('items' in token)) continue
    for (const { start, key, sep, value } of token.items) {
      if (key) open.push(key)
      if (value) open.push(value)
      if (token.type !== 'block-map') continue
      const first = [...start, ...(key ? [] : (sep ?? []))].find(({ type }) => begins.has(type))
      if (first === undefined || first.indent === token.indent) continue
      problems.push(problem(placeAt(first.offset)))
    }
  }
}

/** What a line of a mapping may begin with besides its key. */
const begins: ReadonlySet<CST.Token['type']> = new Set(['tag', 'anchor', 'map-value-ind'])

const problem = (place: Place): Problem => ({
  code: 'YAML_SYNTAX',
  message: "expected <block end>, but found '<block mapping start>'",
  place,
  advice: 'Let the lines of one mapping begin in the same column; indent with spaces.',
})
