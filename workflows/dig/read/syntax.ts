import type { ErrorCode, YAMLError } from 'yaml'
import type { Place, Problem } from '../problem.ts'

/** What to do about the mistakes in YAML itself that people make. */
const advice: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'Indent with spaces instead.',
  BAD_INDENT: 'Let the lines of one mapping or list begin in the same column; indent with spaces.',
  MISSING_CHAR: 'Close every quote, "[" and "{", and write a space after ":" and "-".',
  MULTILINE_IMPLICIT_KEY: 'A key is in one line, with ":" after it; check the line before too.',
  BLOCK_AS_IMPLICIT_KEY:
    'A line has one "key: value"; quote a value that holds ": ", or begin a new line after the key.',
  BLOCK_IN_FLOW: 'Inside "[" and "{" everything stays in that style: no line with "key:" alone.',
  UNEXPECTED_TOKEN:
    'Quote the value if it begins with a sign that YAML uses, or holds ": " or " #"; check the brackets before.',
  BAD_SCALAR_START: 'Put the value in quotes: "@", "`" and "%" cannot begin an unquoted one.',
  BAD_DQ_ESCAPE: 'Write "\\\\" for a backslash in double quotes, or use single quotes.',
  BAD_ALIAS: 'After "*" and "&" comes a name; quote the value if a text is meant.',
  BAD_DIRECTIVE: 'Remove the line that begins with "%".',
  KEY_OVER_1024_CHARS: 'Shorten the key, or check for a missing line end before it.',
  MULTIPLE_TAGS: 'Remove all but one of the words that begin with "!".',
  MULTIPLE_ANCHORS: 'Remove all but one of the words that begin with "&".',
}

const otherwise =
  'The place is where reading stopped; the cause is often just before: indentation, a quote or a bracket.'

const inFlow = 'Inside "[" and "{" an expression is put in quotes: {limit: "${n}"}.'

/** The parser's errors with advice. */
export function syntaxProblems(
  errors: readonly YAMLError[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  return errors.map((error) => {
    const place = placeAt(error.pos[0])
    const isTab = error.code === 'TAB_AS_INDENT'
    const isExpression = /[[{,].*\$\{/.test(place.text) && error.code === 'UNEXPECTED_TOKEN'
    return {
      code: 'YAML_SYNTAX',
      message: isTab
        ? "found character '\\t(TAB)' that cannot start any token"
        : (error.message.split('\n')[0]?.trim() ?? error.message),
      place,
      advice: isExpression ? inFlow : (advice[error.code] ?? otherwise),
    }
  })
}

/** The parser's errors without what is none in YAML 1.1: a comment may follow a bracket or a quote at once. */
export const mistakesAmong = (errors: readonly YAMLError[]): readonly YAMLError[] =>
  errors.filter(({ message }) => !message.startsWith('Comments must be separated'))
