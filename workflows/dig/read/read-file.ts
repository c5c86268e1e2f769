import { LineCounter, parseDocument, type Document } from 'yaml'
import { isObject, type JsonObject } from '../../domain/json.ts'
import type { Place, Problem } from '../problem.ts'
import { convertNode, type Conversion } from './convert.ts'
import type { Places } from './places.ts'

/** A project's files as text, by their path from the root. */
export type ProjectTexts = ReadonlyMap<string, string>

export interface Reader {
  readonly files: ProjectTexts
  readonly places: Places
  readonly onProblem: (problem: Problem) => void
}

/**
 * Reads one file in Digdag's YAML dialect, includes resolved; undefined when it is not a mapping or has
 * mistakes, all of which are reported.
 */
export function readFile(
  reader: Reader,
  file: string,
  includedFrom: readonly string[] = [],
): JsonObject | undefined {
  const text = reader.files.get(file)
  if (text === undefined) return undefined
  const lines = text.split(/\r?\n/)
  const counter = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(Math.min(offset, text.length))
    return { file, line, column: Math.max(col, 1), text: lines[line - 1] ?? '' }
  }
  // Every scalar is read as text first; which of them are numbers is Digdag's own rule.
  const document: Document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: counter,
  })
  for (const error of document.errors) {
    reader.onProblem({
      code: 'YAML_SYNTAX',
      message: error.code === 'TAB_AS_INDENT' ? tabMessage : sentence(error.message),
      place: placeAt(error.pos[0]),
      ...(error.code === 'TAB_AS_INDENT' ? { advice: 'Indent with spaces instead.' } : {}),
    })
  }
  if (document.errors.length > 0) return undefined

  const conversion: Conversion = {
    reader,
    document,
    file,
    placeAt,
    includedFrom: [...includedFrom, file],
    readInclude: (path) => readFile(reader, path, [...includedFrom, file]),
    budget: { nodes: 200_000 },
  }
  const value = convertNode(conversion, document.contents)
  if (value === undefined) return undefined
  if (isObject(value)) return value
  reader.onProblem({
    code: 'NOT_A_MAPPING',
    message: `Expected object to load Config but got ${JSON.stringify(value)}`,
    place: placeAt(0),
    advice:
      value === null
        ? 'The file is empty: a workflow needs at least one task, for example "+hello: {echo>: hi}".'
        : 'A workflow file is a mapping: tasks such as "+hello:" at the left margin.',
  })
  return undefined
}

const tabMessage = "found character '\\t(TAB)' that cannot start any token"

const sentence = (message: string): string => message.split('\n')[0]?.trim() ?? message
