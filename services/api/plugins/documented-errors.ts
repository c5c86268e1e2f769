import type { FastifyInstance } from 'fastify'
import { ErrorAnswer, UnavailableAnswer } from '../schemas/common.ts'

/** What any request may be answered, so that no route has to repeat it. */
export function documentErrors(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { schema } = route
    if (schema === undefined || schema.hide === true) return
    const own = (schema.response ?? {}) as Readonly<Record<number, unknown>>
    const common = {
      400: ErrorAnswer,
      403: ErrorAnswer,
      408: ErrorAnswer,
      414: ErrorAnswer,
      431: ErrorAnswer,
      500: ErrorAnswer,
      503: UnavailableAnswer,
      ...(schema.params === undefined ? {} : { 404: ErrorAnswer }),
    }
    schema.response = { ...common, ...own }
  })
}
