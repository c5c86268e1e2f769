import { isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Json } from '../../domain/json.ts'
import { refuse, type Conversion, type Reported } from './conversion.ts'
import { keyText } from './key.ts'

// What Digdag's parser makes of YAML's rarer tags, as Java's objects, which it then writes as JSON: a set
// is a list, an ordered map a mapping, pairs are lists of two, bytes base64, a time its milliseconds.

/** A collection with one of these tags; undefined in `read` when the tag is none of them. */
export function taggedCollection(
  at: Conversion,
  node: YAMLMap | YAMLSeq,
): { readonly read: () => Json | Reported } | undefined {
  const type = /^tag:yaml\.org,2002:(set|omap|pairs)$/.exec(node.tag ?? '')?.[1]
  if (type === 'set' && isMap(node)) return { read: () => readSet(at, node) }
  if (type === 'omap' && isSeq(node)) return { read: () => readOrderedMap(at, node) }
  if (type === 'pairs' && isSeq(node)) return { read: () => readPairs(at, node) }
  return undefined
}

function readSet(at: Conversion, map: YAMLMap): Json | Reported {
  const items = all(map.items.map(({ key }) => at.convert(key)))
  return items === undefined ? undefined : [...new Set(items)]
}

function readOrderedMap(at: Conversion, list: YAMLSeq): Json | Reported {
  const entries = list.items.map((item) => {
    const pair = onlyPair(at, item)
    const key = pair === undefined ? undefined : keyText(at, pair)
    const value = pair === undefined ? undefined : at.convert(pair.value)
    return key === undefined || value === undefined ? undefined : ([key, value] as const)
  })
  const known = all(entries)
  return known === undefined ? undefined : Object.fromEntries(known)
}

function readPairs(at: Conversion, list: YAMLSeq): Json | Reported {
  return all(
    list.items.map((item) => {
      const pair = onlyPair(at, item)
      return pair === undefined ? undefined : all([at.convert(pair.key), at.convert(pair.value)])
    }),
  )
}

function onlyPair(at: Conversion, item: unknown): Pair | undefined {
  if (isMap(item) && item.items.length === 1) return item.items[0]
  return refuse(
    at,
    item,
    'YAML_SYNTAX',
    'expected a mapping of length 1',
    'Behind "!!omap" and "!!pairs" comes a list in which each item is one "key: value".',
  )
}

const all = <Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined =>
  items.every((item) => item !== undefined) ? items : undefined

/** A scalar of bytes or of a time; undefined when its text is not of that type. */
export function rareScalar(type: 'binary' | 'timestamp', text: string): Json | undefined {
  if (type === 'timestamp') return milliseconds(text)
  const base64 = text.replaceAll(/\s/g, '')
  return /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(base64.replaceAll('_', '?'))
    ? base64
    : undefined
}

const time =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:Z|([-+]\d\d?)(?::?(\d\d))?))?)?$/

/** Since 1970, as Java's dates are written to JSON; a time without a zone is in UTC. */
function milliseconds(text: string): number | undefined {
  const parts = time.exec(text)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour, minute, second, fraction] = parts
    .slice(1)
    .map((part, place) => (place === 6 ? Number(`0.${part ?? ''}0`) : Number(part ?? 0)))
  const east = Number(parts[8] ?? 0) * 60
  const minutesEast = east + (parts[8]?.startsWith('-') === true ? -1 : 1) * Number(parts[9] ?? 0)
  const local = Date.UTC(
    year,
    month - 1,
    day,
    hour,
    minute,
    second,
    Math.round((fraction ?? 0) * 1000),
  )
  return local - minutesEast * 60_000
}
