import { Composer, Parser } from 'yaml'
import { resolveAliases } from './aliases.ts'
import { deepestLevels, tooDeep } from './depth.ts'
import { placesIn } from './line-places.ts'
import type { ParsedFile } from './parsed-file.ts'
import type { Reader } from './reader.ts'
import { syntaxProblems } from './syntax.ts'
import { unreadable } from './text.ts'

/** Parses a file once; undefined when it has mistakes, all of which are reported. */
export function parseFile(reader: Reader, file: string, text: string): ParsedFile | undefined {
  if (!reader.parsed.has(file)) reader.parsed.set(file, parse(reader, file, text))
  return reader.parsed.get(file)
}

function parse(reader: Reader, file: string, text: string): ParsedFile | undefined {
  const placeAt = placesIn(file, text)
  const bad = unreadable(file, text, placeAt)
  for (const problem of bad.warnings) reader.onWarning(problem)
  for (const problem of bad.problems) reader.onProblem(problem)
  if (bad.problems.length > 0) return undefined

  const tokens = [...new Parser().parse(text)]
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
  for (const problem of syntaxProblems(document.errors, placeAt)) reader.onProblem(problem)
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
