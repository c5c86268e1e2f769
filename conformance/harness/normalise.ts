import { isExactNumber } from '#workflows/domain/exact-number.ts'

/**
 * What differs between two runs, or between two servers' ways of saying the same, and is no fact of the
 * language. Each rule holds for expectation and observation alike.
 */
const rules: readonly (readonly [why: string, pattern: RegExp, replacement: string])[] = [
  ['ids count on', /\b(Session id|attempt id|projectId): ?\d+/gi, '$1: N'],
  ['a run has folders of its own', /\/(?:tmp|var|private)\/[^\s"',;)]*/g, '$TMP'],
  ['Digdag says first that it refuses', /^Validating project failed\nworkflow \S+ /, ''],
  ['… and of which part', /^Validating workflow failed\n/, ''],
  ['Suiro goes on with what a command printed last', /\nIt printed last:\n[^]*$/, ''],
  [
    'frames of a stack are those of the program that runs the script',
    /\n\tfrom [^]*?(?= \((?:runtime|config)\)$|$)/,
    '',
  ],
]

export const normaliseText = (text: string): string =>
  rules
    .reduce((said, [, pattern, replacement]) => said.replace(pattern, replacement), text)
    .trimEnd()

/** The same for every text in a value; a server's own stack is left out. */
export function normalise<Value>(value: Value): Value {
  if (typeof value === 'string') return normaliseText(value) as Value
  if (Array.isArray(value)) return value.map(normalise) as Value
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stacktrace')
      .map(([key, item]) => [key, normalise(item)]),
  ) as Value
}

const ownLine =
  /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4} \[(?<level>[A-Z]+)\] \(.*?\) [\w.$]+: .*$/
const javaStack =
  /^(?:\tat |\t\.\.\. \d+ |Caused by: |\tSuppressed: |(?:[a-z]\w*\.)+[\w$]*(?:Exception|Error)\b)/

/**
 * What a task itself printed: without the lines in which the server speaks of it, what follows one of its
 * ERROR lines (a stack), and the frames of a Python stack, of which the last line stays.
 */
export function outputOf(logFile: string): readonly string[] {
  const lines: string[] = []
  let cutting = false
  let inTraceback = false
  for (const line of logFile.split('\n')) {
    const own = ownLine.exec(line)
    if (own !== null) {
      // Text without a line's end is before it.
      if (own.index > 0 && !cutting) lines.push(line.slice(0, own.index))
      cutting = own.groups?.['level'] === 'ERROR'
      continue
    }
    if (cutting || javaStack.test(line)) continue
    if (line.startsWith('Traceback (most recent call last):')) inTraceback = true
    else if (inTraceback && /^\s/.test(line)) continue
    else {
      inTraceback = false
      lines.push(normaliseText(line))
    }
  }
  while (lines.at(-1) === '') lines.pop()
  return lines
}
