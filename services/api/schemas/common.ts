import type { Readable } from 'node:stream'
import { Type, type Static, type TSchema, type TUnsafe } from 'typebox'

/** An id in a path, a query or a body: a number, or the same as text. */
export const IdOf = <Id>(noun: string): TUnsafe<Id> =>
  Type.Unsafe<Id>(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: `Id of the ${noun}: a whole number, also as text`,
    }),
  )

/** Ids in answers are texts, as Digdag's are. */
export const IdText = Type.String({ pattern: '^[0-9]+$', examples: ['1'] })
export const idText = (id: number): string => String(id)

export const IdAndName = Type.Object({ id: IdText, name: Type.String() })

export const Instant = Type.String({ format: 'date-time', examples: ['2026-11-24T11:50:50Z'] })
export const ZonedTime = Type.String({
  format: 'date-time',
  description: "With the offset of the workflow's time zone",
  examples: ['2026-11-24T00:00:00+09:00'],
})

export const Nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

export const Json = Type.Record(Type.String(), Type.Unknown())

/** An answer that is not JSON. */
export const GzipFile = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' })

const GzipAnswer = Type.Unsafe<Buffer | Readable>({ type: 'string', format: 'binary' })

/** Digdag's clients ask for it. */
export const DirectDownload = Type.Optional(
  Type.Boolean({ description: 'Changes nothing: there is no storage of files beside the API' }),
)

/** A gzip file as an answer. */
export const gzipAnswer = (description: string) => ({
  description,
  content: { 'application/gzip': { schema: GzipAnswer } },
})

/** What every error answers. */
export const ErrorAnswer = Type.Object(
  {
    message: Type.String({ description: 'What is wrong, and how to fix it' }),
    status: Type.Integer({ examples: [404] }),
    code: Type.String({ description: 'The same for every error of this kind' }),
  },
  { title: 'Error' },
)
/** A part that the answer needs is away; `headers` are OpenAPI's. */
export const UnavailableAnswer = Type.Object(ErrorAnswer.properties, {
  title: 'Unavailable',
  description: 'The database or Temporal does not answer now',
  headers: {
    'Retry-After': { type: 'integer', description: 'Seconds after which it is worth another try' },
  },
})
export type ErrorAnswer = Static<typeof ErrorAnswer>

const maxPageSize = 100

export const PageSize = Type.Integer({
  minimum: 0,
  default: maxPageSize,
  description: `How many rows; at most ${maxPageSize}`,
})
export const Count = Type.Integer({
  minimum: 0,
  maximum: 1000,
  default: 100,
  description: 'How many rows; at most 1000',
})
export { maxPageSize }
