import { CST } from 'yaml'
import type { Place, Problem } from '../problem.ts'

/** Keys in braces and brackets that are not in one line with their colon, which YAML 1.1 does not have. */
export function flowKeyProblems(
  lexemes: readonly string[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  const problems: Problem[] = []
  let offset = 0
  let depth = 0
  let isScalar = false
  let isExplicit = false
  /** Whether a line ends in what may be a key, or behind it. */
  let spansLines = false
  for (const lexeme of lexemes) {
    const type = isScalar ? 'scalar' : CST.tokenType(lexeme)
    isScalar = lexeme === CST.SCALAR
    if (isScalar || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END) continue
    switch (type) {
      case 'flow-map-start':
      case 'flow-seq-start':
        depth += 1
        isExplicit = spansLines = false
        break
      case 'flow-map-end':
      case 'flow-seq-end':
        depth -= 1
        isExplicit = spansLines = false
        break
      case 'comma':
        isExplicit = spansLines = false
        break
      case 'explicit-key-ind':
        isExplicit = true
        break
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'alias':
        spansLines = lexeme.includes('\n')
        break
      case 'newline':
        spansLines = true
        break
      case 'map-value-ind':
        if (depth > 0 && spansLines && !isExplicit) problems.push(problem(placeAt(offset)))
        isExplicit = spansLines = false
        break
      default:
    }
    offset += lexeme.length
  }
  return problems
}

const problem = (place: Place): Problem => ({
  code: 'YAML_SYNTAX',
  message: "expected ',' or '}', but got :",
  place,
  advice:
    'Write a key and its ":" in one line; if this is a task of its own, close every "[", "{" and quote before it.',
})
