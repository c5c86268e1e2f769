import { isObject, type JsonObject } from '../../domain/json.ts'
import type { Conversion } from './conversion.ts'
import { convertNode } from './convert.ts'
import { parseFile } from './parse.ts'
import { fileValues, type Reader } from './reader.ts'
import { excerpt } from '../../domain/cut.ts'

/**
 * Reads one file in Digdag's YAML dialect, includes resolved; undefined when it is not a mapping or has
 * mistakes, all of which are reported. `includedBy` is the file on its way that includes this one.
 */
export function readFile(
  reader: Reader,
  file: string,
  includedBy?: Conversion,
): JsonObject | undefined {
  const text = reader.files.get(file)
  if (text === undefined) return undefined
  const parsed = parseFile(reader, file, text)
  if (parsed === undefined) return undefined
  const conversion: Conversion = {
    ...parsed,
    reader,
    file,
    includedFrom: [...(includedBy?.includedFrom ?? []), file],
    convert: (node) => convertNode(conversion, node),
    readInclude: (path) => readFile(reader, path, conversion),
    budget: includedBy?.budget ?? { values: fileValues },
    open: new Set(),
  }
  const value = convertNode(conversion, parsed.document.contents)
  if (value === undefined) return undefined
  if (isObject(value)) return value
  reader.onProblem({
    code: 'NOT_A_MAPPING',
    message: `Expected object to load Config but got ${excerpt(JSON.stringify(value), 200)}`,
    place: parsed.placeAt(0),
    advice: adviceFor(value === null, includedBy !== undefined),
  })
  return undefined
}

function adviceFor(isEmpty: boolean, isIncluded: boolean): string {
  if (isIncluded) return 'A file that is included is a mapping: names or tasks at the left margin.'
  return isEmpty
    ? 'The file is empty: a workflow needs at least one task, for example "+hello: {echo>: hi}".'
    : 'A workflow file is a mapping: tasks such as "+hello:" at the left margin.'
}
