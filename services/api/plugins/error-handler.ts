import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  BodyTooLarge,
  ContentTypeUnknown,
  NotFound,
  ProjectRejected,
  UnknownPath,
} from '../errors.ts'
import type { ErrorAnswer } from '../schemas/common.ts'

interface Failure extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly validationContext?: string
}

/** Every error becomes `{message, status, code}`; what is our own fault is logged, not told. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: Failure, request, reply) => {
    const known = translate(error, request)
    const status = known.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, error.message)
    return status === 500 && !isOurs(known)
      ? answer(
          reply,
          500,
          'INTERNAL',
          `Something went wrong here; request ${request.id} is in the log`,
        )
      : answer(reply, status, known.code ?? 'ERROR', known.message, details(known))
  })
  app.setNotFoundHandler((request, reply) => {
    const { message, code } = new UnknownPath(request.method, request.url.split('?')[0] ?? '')
    return answer(reply, 404, code, message)
  })
}

const isOurs = ({ code }: Failure): boolean => code !== undefined && !code.startsWith('FST_')

/** Fastify's own errors, in the statuses and words of Digdag's API. */
function translate(error: Failure, request: FastifyRequest): Failure {
  // An id that is no number names nothing that exists.
  if (error.validationContext === 'params') {
    return new NotFound(`${request.method} ${request.url.split('?')[0]}. ${error.message}`)
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new BodyTooLarge(request.routeOptions.bodyLimit ?? 0)
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ContentTypeUnknown(request.headers['content-type'] ?? '', 'application/json')
  }
  return error
}

const details = (error: Failure): object =>
  error instanceof ProjectRejected ? { problems: error.problems } : {}

function answer(reply: FastifyReply, status: number, code: string, message: string, more = {}) {
  const body: ErrorAnswer = { message, status, code, ...more }
  return reply.code(status).type('application/json').send(body)
}
