import { Composer, Parser, type CST, type Document } from 'yaml'
import type { Place, Problem } from '../problem.ts'
import { resolveAliases } from './aliases.ts'
import { deepestLevels, tooDeep } from './depth.ts'
import { flowKeyProblems } from './flow-keys.ts'
import { freeLexemesOf, lexemesOf } from './lexer.ts'
import { placesIn } from './line-places.ts'
import { misplacedProblems } from './misplaced.ts'
import { openedBefore } from './opened.ts'
import type { ParsedFile } from './parsed-file.ts'
import type { Reader } from './reader.ts'
import { strictProblems } from './strict.ts'
import { mistakesAmong, syntaxProblems } from './syntax.ts'
import { unreadable } from './text.ts'

/** Parses a file once; undefined when it has mistakes, all of which are reported. */
export function parseFile(reader: Reader, file: string, text: string): ParsedFile | undefined {
  if (!reader.parsed.has(file)) reader.parsed.set(file, parse(reader, file, text))
  return reader.parsed.get(file)
}

function parse(reader: Reader, file: string, written: string): ParsedFile | undefined {
  // YAML 1.1 also ends lines by CR alone and by NEL; each is one character, so that places stay.
  const text = written.replaceAll(/\r(?!\n)|\u0085/g, '\n')
  const placeAt = placesIn(file, text)
  const bad = unreadable(file, text, placeAt)
  for (const problem of bad.warnings) reader.onWarning(problem)
  for (const problem of bad.problems) reader.onProblem(problem)
  if (bad.problems.length > 0) return undefined

  const { lexemes, tokens, documents, problems: syntax } = parsed(text, placeAt)
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
  const [document, second] = documents
  if (document === undefined) return undefined
  const problems = withoutEchoes([
    ...strictProblems(lexemes, placeAt),
    ...misplacedProblems(tokens, placeAt),
    ...syntax,
    // A bracket that is not closed makes such keys of all that is behind it.
    ...(syntax.length > 0 ? [] : flowKeyProblems(lexemes, placeAt)),
  ])
  for (const problem of problems) reader.onProblem(problem)
  if (second !== undefined) {
    reader.onProblem({
      code: 'YAML_SYNTAX',
      message: 'expected a single document in the stream, but found another document',
      place: placeAt(second.range[0]),
      advice: 'A file is one document: remove the line "---", or make two files of it.',
    })
  }
  if (problems.length > 0 || second !== undefined) return undefined
  return {
    document,
    placeAt,
    aliases: resolveAliases(document),
    ...(text.endsWith('\n') ? {} : { cutOffAt: text.length }),
  }
}

interface Parsed {
  readonly lexemes: readonly string[]
  readonly tokens: readonly CST.Token[]
  readonly documents: readonly Document.Parsed[]
  readonly problems: readonly Problem[]
  /** The first place that is wrong. */
  readonly wrongAt?: number
}

function parsed(text: string, placeAt: (offset: number) => Place): Parsed {
  const free = compose(text, freeLexemesOf(text), placeAt)
  if (free.wrongAt === undefined) return free
  // Where a bracket or a quote is not closed, indentation tells where it should have been.
  const from = placeAt(openedBefore(free.lexemes, text, free.wrongAt)).line
  const indented = compose(text, lexemesOf(text), placeAt)
  const better = indented.problems.filter(({ place }) => lineOf(place) >= from)
  return { ...free, problems: better.length > 0 ? better : free.problems }
}

const lineOf = (place: Place | undefined): number => place?.line ?? 0

function compose(
  text: string,
  lexemes: readonly string[],
  placeAt: (offset: number) => Place,
): Parsed {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of lexemes) for (const token of parser.next(lexeme)) tokens.push(token)
  for (const token of parser.end()) tokens.push(token)
  // What is too deep is refused before anything walks it.
  if (tooDeep(tokens) !== undefined) return { lexemes, tokens, documents: [], problems: [] }
  // Every scalar is read as text first; which of them are numbers is Digdag's own rule.
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  })
  const documents = [...composer.compose(tokens, true, text.length)]
  const errors = mistakesAmong(documents[0]?.errors ?? [])
  const problems = syntaxProblems(errors, placeAt)
  const [first, ...others] = errors.map(({ pos }) => pos[0])
  if (first === undefined) return { lexemes, tokens, documents, problems }
  const wrongAt = others.reduce((least, at) => Math.min(least, at), first)
  return { lexemes, tokens, documents, problems, wrongAt }
}

/** Of the problems of one line the first: the others follow from it. */
function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const lines = new Set<number>()
  return problems.filter(({ place }) => {
    const isNew = !lines.has(lineOf(place))
    lines.add(lineOf(place))
    return isNew
  })
}
