import type { FastifyInstance } from 'fastify'
import { nearest } from '#workflows/dig/did-you-mean.ts'
import { isObject } from '#workflows/domain/json.ts'
import { FieldUnknown, ParameterUnknown } from '../errors.ts'

/**
 * Refuses what no route reads: a filter that is ignored answers everything, and a field that is ignored starts something
 * else than was meant. What is known is what the route's own schema says, and that is what the refusal lists.
 */
export function refuseUnknown(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ method, query, body, routeOptions }) => {
    const { schema } = routeOptions
    // Pages and their files; a browser may add to their addresses what it likes.
    if (schema === undefined || schema.hide === true) return
    const [parameter] = unknownOf(schema.querystring ?? noFields, query)
    if (parameter !== undefined) {
      throw new ParameterUnknown(
        sentence(`${method} ${routeOptions.url} takes`, 'query parameter', parameter),
      )
    }
    if (schema.body === undefined || Buffer.isBuffer(body)) return
    const [field] = unknownOf(schema.body, body)
    if (field !== undefined) throw new FieldUnknown(sentence('The body takes', 'field', field))
  })
}

const noFields = { properties: {} }

interface Unknown {
  readonly name: string
  /** Where it is: the fields around it. */
  readonly within: readonly string[]
  readonly known: readonly string[]
}

/** What of a value its schema does not name; a schema that leaves its fields open knows all. */
function unknownOf(schema: unknown, value: unknown, within: readonly string[] = []): Unknown[] {
  const properties = propertiesOf(schema)
  if (properties === undefined || !isObject(value)) return []
  const known = Object.keys(properties)
  return Object.entries(value).flatMap(([name, inner]) =>
    Object.hasOwn(properties, name)
      ? unknownOf(properties[name], inner, [...within, name])
      : [{ name, within, known }],
  )
}

/** Of an object, also where it may be null instead. */
function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(schema)) return undefined
  const { properties, anyOf } = schema
  if (isObject(properties)) return properties
  if (!Array.isArray(anyOf)) return undefined
  return anyOf.map(propertiesOf).find((found) => found !== undefined)
}

function sentence(taker: string, kind: string, { name, within, known }: Unknown): string {
  const full = [...within, name].join('.').slice(0, 200)
  const place = within.length === 0 ? '' : ` in ${within.join('.')}`
  if (known.length === 0) return `${taker} no ${kind}s, and "${full}" is one. Leave it out`
  const near = nearest(plain(name), known.map(plain))
  const meant = known.find((candidate) => near !== undefined && plain(candidate) === near)
  const advice = meant === undefined ? '' : ` Did you mean "${meant}"?`
  return `${taker} no ${kind} "${full}".${advice} There are${place}: ${known.join(', ')}`
}

/** `session_time` and `sessionTime` are the same word. */
const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()
