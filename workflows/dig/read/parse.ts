import { Composer, LineCounter, Parser, type Document } from 'yaml'
import type { Place } from '../problem.ts'
import { resolveAliases, type Aliases } from './aliases.ts'
import { deepestLevels, tooDeep } from './depth.ts'
import type { Reader } from './reader.ts'
import { syntaxProblem } from './syntax.ts'
import { unreadable } from './text.ts'

/** A file as YAML's nodes, and where they stand. */
export interface ParsedFile {
  readonly document: Document
  readonly placeAt: (offset: number) => Place
  readonly aliases: Aliases
}

/** Parses a file once; undefined when it has mistakes, all of which are reported. */
export function parseFile(reader: Reader, file: string, text: string): ParsedFile | undefined {
  if (!reader.parsed.has(file)) reader.parsed.set(file, parse(reader, file, text))
  return reader.parsed.get(file)
}

function parse(reader: Reader, file: string, text: string): ParsedFile | undefined {
  const lines = text.split(/\r?\n/)
  const counter = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(Math.min(offset, text.length))
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), text: lines[line - 1] ?? '' }
  }
  // Before the parser runs, lines are known from the text alone.
  const linesBefore = new LineCounter()
  linesBefore.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    linesBefore.addNewLine(at + 1)
  }
  const bad = unreadable(file, text, (offset) => {
    const { line, col } = linesBefore.linePos(offset)
    return { file, line, column: col, text: lines[line - 1] ?? '' }
  })
  for (const problem of bad.warnings) reader.onWarning(problem)
  for (const problem of bad.problems) reader.onProblem(problem)
  if (bad.problems.length > 0) return undefined

  const tokens = [...new Parser(counter.addNewLine).parse(text)]
  const deep = tooDeep(tokens)
  if (deep !== undefined) {
    reader.onProblem({
      code: 'TOO_DEEP',
      message: `${file} is nested more than ${deepestLevels} levels deep`,
      place: placeAt(deep),
      advice: 'Split it: call> runs another file of the project, !include takes one in.',
    })
    return undefined
  }
  // Every scalar is read as text first; which of them are numbers is Digdag's own rule.
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (document === undefined) return undefined
  for (const error of document.errors) reader.onProblem(syntaxProblem(error, placeAt))
  if (second !== undefined) {
    reader.onProblem({
      code: 'YAML_SYNTAX',
      message: 'expected a single document in the stream, but found another document',
      place: placeAt(second.range[0]),
      advice: 'A file is one document: remove the line "---", or make two files of it.',
    })
  }
  if (document.errors.length > 0 || second !== undefined) return undefined
  return { document, placeAt, aliases: resolveAliases(document) }
}
