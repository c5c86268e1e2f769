import type { FastifySerializerCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** Fails every answer that is not what OpenAPI says: a missing field, a wrong type, or one too many. */
export const strictAnswers: FastifySerializerCompiler<TSchema> =
  ({ schema, method, url, httpStatus }) =>
  (data: unknown) => {
    const answer = JSON.stringify(data)
    const sent = JSON.parse(answer) as unknown
    const mistakes = [...Value.Errors(schema, sent)].map(({ instancePath, message }) =>
      [instancePath, message].join(' '),
    )
    const clean: unknown = Value.Clean(schema, Value.Clone(sent))
    if (JSON.stringify(clean) !== JSON.stringify(sent))
      mistakes.push('has fields beyond its schema')
    if (mistakes.length > 0) {
      throw new Error(`${method} ${url} ${httpStatus} does not fit: ${mistakes.join('; ')}`)
    }
    return answer
  }
