import type { FastifySchemaCompiler } from 'fastify'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import type { TSchema } from 'typebox'
import {
  isObject,
  numericOf,
  withPlainNumbers,
  type Json,
  type JsonObject,
} from '#workflows/domain/json.ts'
import { isExactNumber } from '#workflows/domain/exact-number.ts'
import { RequestInvalid } from '../errors.ts'

/**
 * Checks requests against TypeBox schemas. Decimal digits become a number where one is wanted, so that
 * ids may come as either; nothing else is taken for what it is not. All mistakes are reported at once, each
 * with what was expected.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (value: unknown) => {
    const filled = readTexts(schema, Value.Default(schema, value ?? {}), httpPart !== 'body')
    // Schemas know JavaScript's numbers only; what they leave open keeps those that came.
    const plain = Buffer.isBuffer(filled) ? filled : withPlainNumbers(filled as Json)
    if (compiled.Check(plain)) return { value: filled }
    // A number that lost digits above is shown as it came.
    const shownAt = (path: readonly string[]): unknown => {
      const sent = at(value, path)
      return isExactNumber(sent) ? sent : at(filled, path)
    }
    const lines = explain(schema, httpPart ?? 'body', shownAt, compiled.Errors(plain))
    return { error: new RequestInvalid(lines.join('; ')) }
  }
}

/** Numbers that came as texts or as floats and, where everything comes as text, booleans. */
function readTexts(schema: unknown, value: unknown, onlyTexts: boolean): unknown {
  if (!isObject(schema)) return value
  if (typeof value === 'string') {
    if (schema['type'] === 'integer' && /^(0|[1-9]\d*)$/.test(value)) return Number(value)
    if (onlyTexts && schema['type'] === 'boolean') return booleans.get(value.toLowerCase()) ?? value
    return value
  }
  if (isExactNumber(value) && (schema['type'] === 'integer' || schema['type'] === 'number')) {
    return numericOf(value)
  }
  const { properties, anyOf } = schema
  if (Array.isArray(anyOf)) {
    return anyOf.reduce<unknown>((read, option) => readTexts(option, read, onlyTexts), value)
  }
  if (!isObject(value) || !isObject(properties)) return value
  const read: Record<string, unknown> = { ...value }
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(value, name)) read[name] = readTexts(property, value[name], onlyTexts)
  }
  return read
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
])

interface Mistake {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: unknown
}

function explain(
  schema: TSchema,
  part: string,
  valueAt: (path: readonly string[]) => unknown,
  mistakes: readonly Mistake[],
) {
  const lines = new Map<string, string>()
  for (const { keyword, instancePath, message, params } of mistakes) {
    const path = instancePath.split('/').slice(1)
    if (keyword === 'required' && isObject(params)) {
      for (const name of params['requiredProperties'] as readonly string[]) {
        const field = [...path, name]
        lines.set(field.join('.'), missing(part, field, describe(schema, field)))
      }
    } else if (!lines.has(path.join('.'))) {
      lines.set(
        path.join('.'),
        wrong(part, path, message, shown(schema, valueAt, path), describe(schema, path)),
      )
    }
  }
  return [...lines.values()]
}

function missing(part: string, path: readonly string[], description: string): string {
  const name = path.join('.')
  return part === 'querystring'
    ? `${name}= is required${description}`
    : `${name} is required${description}`
}

function wrong(
  part: string,
  path: readonly string[],
  message: string,
  value: unknown,
  description: string,
): string {
  const name = path.length === 0 ? `the ${part}` : path.join('.')
  const given = value === undefined ? '' : `, but is ${JSON.stringify(value).slice(0, 200)}`
  return `${name} ${message}${given}${description}`
}

/** What the schema says of a field, in brackets. */
function describe(schema: TSchema, path: readonly string[]): string {
  const description = field(schema, path)?.['description']
  return typeof description === 'string' ? ` (${description})` : ''
}

/** The value that came, unless it is one that is never repeated. */
const shown = (
  schema: TSchema,
  valueAt: (path: readonly string[]) => unknown,
  path: readonly string[],
): unknown =>
  path.some((_, index) => field(schema, path.slice(0, index + 1))?.['writeOnly'] === true)
    ? undefined
    : valueAt(path)

function field(schema: TSchema, path: readonly string[]): JsonObject | undefined {
  let found: unknown = schema
  for (const name of path) found = property(found, name)
  return isObject(found) ? found : undefined
}

function property(schema: unknown, name: string): unknown {
  if (!isObject(schema)) return undefined
  const { properties, anyOf } = schema
  if (isObject(properties)) return properties[name]
  if (!Array.isArray(anyOf)) return undefined
  return anyOf.map((option) => property(option, name)).find((option) => option !== undefined)
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value)
