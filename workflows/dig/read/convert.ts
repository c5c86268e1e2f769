import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Json } from '../../domain/json.ts'
import { isEmptyKey, offsetOf, refuse, type Conversion, type Reported } from './conversion.ts'
import { deepestLevels } from './depth.ts'
import { convertMap } from './mapping.ts'
import { surprise, taggedScalar, typedScalar } from './scalar.ts'
import { rareScalar, taggedCollection } from './tagged.ts'

/** A node as JSON; undefined when it has a mistake, which is reported. */
export function convertNode(at: Conversion, node: unknown): Json | Reported {
  if (!hasBudget(at, node)) return undefined
  if (node === null || node === undefined) return null
  if (isAlias(node)) return convertAlias(at, node)
  if (isScalar(node)) return convertScalar(at, node)
  if (!isMap(node) && !isSeq(node)) return null
  const tagged = taggedCollection(at, node)
  if (
    tagged === undefined &&
    node.tag !== undefined &&
    !/^tag:yaml\.org,2002:(?:map|seq)$/.test(node.tag)
  ) {
    // The parser takes "!include" in the first line of a mapping for the mapping's own tag.
    const isInclude = isMap(node) && node.tag === '!include' && isEmptyKey(node.items[0]?.key)
    if (!isInclude) return refuseTag(at, node, node.tag)
  }
  if (at.open.size >= deepestLevels) {
    const message = `${at.file} is nested more than ${deepestLevels} levels deep`
    return refuse(at, node, 'TOO_DEEP', message, 'Split it, or use fewer aliases (*name).')
  }
  at.open.add(node)
  const value = tagged === undefined ? convertCollection(at, node) : tagged.read()
  at.open.delete(node)
  return value
}

const convertCollection = (at: Conversion, node: YAMLMap | YAMLSeq): Json | Reported =>
  isMap(node) ? convertMap(at, node) : convertItems(at, node.items)

function convertItems(at: Conversion, nodes: readonly unknown[]): Json | Reported {
  const items = nodes.map((item) => convertNode(at, item))
  return items.every((item) => item !== undefined) ? items : undefined
}

/** Reports once when there is too much of it. */
function hasBudget(at: Conversion, node: unknown): boolean {
  const [own, whole] = [at.budget, at.reader.budget]
  own.values -= 1
  whole.values -= 1
  const advice =
    'Aliases (*name) and !include repeat what they name: write less of it, or split the project.'
  if (own.values === 0) {
    const message = `${at.includedFrom[0]} comes to more than 200,000 values`
    refuse(at, node, 'TOO_LARGE', message, advice)
  }
  if (whole.values === 0) {
    refuse(at, node, 'TOO_LARGE', 'The project comes to more than 1,000,000 values', advice)
  }
  return own.values > 0 && whole.values > 0
}

function convertAlias(at: Conversion, alias: Alias): Json | Reported {
  const target = at.aliases.get(alias)
  if (target === undefined) {
    return refuse(
      at,
      alias,
      'ALIAS',
      `found undefined alias ${alias.source}`,
      `No "&${alias.source}" comes before this line; quote the value if the text "*${alias.source}" is meant.`,
    )
  }
  if (at.open.has(target)) {
    const message = `*${alias.source} is inside what it names`
    return refuse(at, alias, 'ALIAS', message, 'Write out what is meant here.')
  }
  return convertNode(at, target)
}

function convertScalar(
  at: Conversion,
  node: Node & { value: unknown; type?: string },
): Json | Reported {
  const text = textIn(at, node)
  if (text.includes('\0') || !text.isWellFormed()) {
    const message = 'special characters are not allowed: U+0000 or half of a character'
    return refuse(at, node, 'ENCODING', message, 'Remove the escape: no database keeps it.')
  }
  const { tag } = node
  if (tag === undefined || tag === '!') {
    if (node.type !== 'PLAIN') return text
    const reported = surprise(text)
    if (reported !== undefined) {
      const [message, advice] = reported
      const place = at.placeAt(offsetOf(node))
      at.reader.onWarning({ code: 'SCALAR_SURPRISE', message, place, advice })
    }
    return typedScalar(text)
  }
  const type = /^tag:yaml\.org,2002:(str|int|float|bool|null|binary|timestamp)$/.exec(tag)?.[1]
  if (type === undefined) return refuseTag(at, node, tag)
  const value =
    type === 'binary' || type === 'timestamp'
      ? rareScalar(type, text)
      : taggedScalar(type as Parameters<typeof taggedScalar>[0], text)
  if (value !== undefined) return value
  return refuse(at, node, 'YAML_SYNTAX', `!!${type} does not fit "${text}"`, `Remove "!!${type}".`)
}

/** A block whose last line is the file's, and has no end there, has none either. */
function textIn(at: Conversion, node: Node & { value: unknown; type?: string }): string {
  const text = typeof node.value === 'string' ? node.value : ''
  const isCutOff = node.type?.startsWith('BLOCK') === true && node.range?.[1] === at.cutOffAt
  return isCutOff ? text.replace(/\n$/, '') : text
}

/** Of all tags only YAML's own for the JSON types are known, and `!include` as a key. */
function refuseTag(at: Conversion, node: unknown, tag: string): Reported {
  const include = /include/i.test(tag)
  return refuse(
    at,
    node,
    'UNKNOWN_TAG',
    `could not determine a constructor for the tag ${tag}`,
    include
      ? 'Write "!include : path" in a line of its own where its keys are wanted, with a space before the colon.'
      : 'Of YAML\'s tags only "!include : path" as a key is known. Quote the text if it begins with "!".',
  )
}
