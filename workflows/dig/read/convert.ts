import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { isObject, merge, textOf, type Json, type JsonObject } from '../../domain/json.ts'
import type { Place } from '../problem.ts'
import { folderOf, resolvePath } from './paths.ts'
import type { Reader } from './read-file.ts'
import { typedScalar } from './scalar.ts'

/** One file on its way from YAML's nodes to JSON values. */
export interface Conversion {
  readonly reader: Reader
  readonly document: Document
  readonly file: string
  readonly placeAt: (offset: number) => Place
  /** This file and those that include it, outermost first. */
  readonly includedFrom: readonly string[]
  readonly readInclude: (path: string) => JsonObject | undefined
  /** Aliases can make a small file huge; the budget ends that. */
  readonly budget: { nodes: number }
}

type Reported = undefined

/** A node as JSON; undefined when it has a mistake, which is reported. */
export function convertNode(at: Conversion, node: unknown): Json | Reported {
  at.budget.nodes -= 1
  if (at.budget.nodes === 0) {
    at.reader.onProblem({
      code: 'TOO_LARGE',
      message: `${at.file} comes to more than 200,000 values`,
      advice: 'Aliases (*name) repeat what they name: write less of it, or split the file.',
    })
  }
  if (at.budget.nodes <= 0) return undefined
  if (node === null || node === undefined) return null
  if (isAlias(node)) return convertNode(at, node.resolve(at.document))
  if (isMap(node)) return convertMap(at, node)
  if (isSeq(node)) {
    const items = node.items.map((item) => convertNode(at, item))
    return items.every((item) => item !== undefined) ? items : undefined
  }
  if (isScalar(node)) return convertScalar(at, node)
  return null
}

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0

function convertScalar(
  at: Conversion,
  node: Node & { value: unknown; type?: string },
): Json | Reported {
  const text = typeof node.value === 'string' ? node.value : ''
  const tag = node.tag
  if (tag === undefined || tag === '!') return node.type === 'PLAIN' ? typedScalar(text) : text
  if (tag === 'tag:yaml.org,2002:str') return text
  if (/^tag:yaml\.org,2002:(?:int|float|bool|null)$/.test(tag)) return typedScalar(text)
  at.reader.onProblem({
    code: 'UNKNOWN_TAG',
    message: `could not determine a constructor for the tag ${tag}`,
    place: at.placeAt(offsetOf(node)),
    advice:
      'Of YAML\'s tags only "!include : path" as a key is known. Quote the text if it begins with "!".',
  })
  return undefined
}

/** A mapping: merge keys first, then its own keys in order, includes where they stand. */
function convertMap(at: Conversion, map: YAMLMap): JsonObject | Reported {
  let complete = true
  let merged: JsonObject = {}
  let own: JsonObject = {}
  const written = new Set<string>()
  const self = at.placeAt(map.range?.[0] ?? 0)
  const sources: object[] = []

  const entries: { readonly key: string; readonly place: Place }[] = []
  for (const [index, pair] of map.items.entries()) {
    const place = at.placeAt(offsetOf(pair.key))
    if (isInclude(pair, index === 0, map)) {
      const included = include(at, pair, place)
      if (included === undefined) complete = false
      else {
        own = merge(own, included)
        sources.push(included)
      }
      continue
    }
    const key = keyText(pair.key)
    if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      const base = convertNode(at, pair.value)
      for (const part of Array.isArray(base) ? base : [base]) {
        if (isObject(part)) merged = { ...part, ...merged }
        else complete = false
      }
      continue
    }
    if (written.has(key)) {
      at.reader.onProblem({
        code: 'DUPLICATE_KEY',
        message: `Duplicated keys: [${key}]`,
        place,
        advice: `"${key}" is written twice in this mapping: rename or remove one of them.`,
      })
      complete = false
      continue
    }
    written.add(key)
    const value = convertNode(at, pair.value)
    if (value === undefined) {
      complete = false
      continue
    }
    entries.push({ key, place })
    own = merge(own, Object.fromEntries([[key, value]]))
  }
  if (!complete) return undefined
  const result = { ...merged, ...own }
  for (const source of sources) at.reader.places.carryOver(source, result)
  at.reader.places.remember(result, undefined, self)
  for (const { key, place } of entries) at.reader.places.remember(result, key, place)
  return result
}

const keyText = (key: unknown): string => {
  if (isScalar(key)) return typeof key.value === 'string' ? key.value : ''
  return String(key)
}

/**
 * Whether a pair is `!include : path`. Where that is the first line of a mapping, the parser takes the
 * tag for the mapping's own, before a key without text.
 */
function isInclude({ key }: Pair, isFirst: boolean, map: YAMLMap): boolean {
  if (!isScalar(key)) return false
  return key.tag === '!include' || (isFirst && map.tag === '!include' && key.value === '')
}

function include(at: Conversion, pair: Pair, place: Place): JsonObject | Reported {
  const written = convertNode(at, pair.value)
  const path = typeof written === 'string' ? resolvePath(folderOf(at.file), written) : undefined
  const folder = folderOf(at.file)
  if (path === undefined) {
    at.reader.onProblem({
      code: 'INCLUDE_OUTSIDE',
      message: `!include path "${textOf(written)}" is not a file below the folder of ${at.file}`,
      place,
      advice:
        'Write a path relative to the file that includes, without leaving its folder by "..".',
    })
    return undefined
  }
  if (at.includedFrom.includes(path)) {
    at.reader.onProblem({
      code: 'INCLUDE_CYCLE',
      message: `${path} includes itself: ${[...at.includedFrom, path].join(' → ')}`,
      place,
      advice: 'Take one of these includes out.',
    })
    return undefined
  }
  if (!at.reader.files.has(path)) {
    at.reader.onProblem({
      code: 'INCLUDE_MISSING',
      message: `${path} (No such file or directory)`,
      place,
      advice: `The path is relative to ${folder === '' ? "the project's root" : folder}; files left out by .digdagignore or beginning with a dot are not in the archive. Variables are not expanded here.`,
    })
    return undefined
  }
  return at.readInclude(path)
}
