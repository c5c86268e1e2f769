import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isStoreOutage } from '#store/outage.ts'
import { NewerFormatError } from '#store/workflow-format.ts'
import { unavailable } from '#services/shared/unavailable.ts'
import {
  BodyTooLarge,
  ContentTypeUnknown,
  DatabaseUnavailable,
  WorkflowFormatNewer,
  isOurs,
  NotFound,
  ProjectRejected,
  RequestInvalid,
  SecretsUnavailable,
  TemporalUnavailable,
  UnknownPath,
} from '../errors.ts'
import type { ErrorAnswer } from '../schemas/common.ts'

/** When a part that is away is worth another try: a restart of it takes about that long. */
const retryAfterSeconds = 5

interface Failure extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly validationContext?: string
}

/** Every error becomes `{message, status, code}`; what nobody foresaw is logged, not shown. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: Failure, request, reply) => {
    if (error instanceof ProjectRejected && isDigdagCommand(request)) {
      return reply.code(error.statusCode).type('text/plain; charset=utf-8').send(error.message)
    }
    const known = translate(error, request)
    if (known === undefined) {
      request.log.error({ err: error, reference: request.id }, 'an error that nobody foresaw')
      const message = `Something went wrong here; the log says what, under ${request.id}`
      return answer(reply, 500, 'INTERNAL', message)
    }
    const status = known.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, known.message)
    // A missing key is no matter of time.
    if (status === 503 && !(known instanceof SecretsUnavailable)) {
      void reply.header('retry-after', retryAfterSeconds)
    }
    return answer(reply, status, known.code ?? 'ERROR', known.message, details(known))
  })
  app.setNotFoundHandler((request, reply) => {
    const { message, code } = new UnknownPath(request.method, pathOf(request))
    return answer(reply, 404, code, message)
  })
  // Before the body is looked at: where nothing is, its type does not matter.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw new UnknownPath(request.method, pathOf(request))
  })
}

/**
 * Whether the digdag command asks: it prints an answer that refuses something as it came, so that a message of many
 * lines is readable there as a text only. Whoever names a type that it takes gets JSON, as everybody else.
 */
const isDigdagCommand = ({ headers }: FastifyRequest): boolean =>
  headers.accept === undefined && headers['user-agent']?.startsWith('DigdagClient/') === true

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? ''

/**
 * The error to answer: our own as they are, the framework's in the statuses and words of Digdag's API.
 * Undefined for all others, whose words may be those of a database or of Node.
 */
function translate(error: Failure, request: FastifyRequest): Failure | undefined {
  // An id that is no number names nothing that exists.
  if (error.validationContext === 'params') {
    return new NotFound(`${request.method} ${pathOf(request)}. ${error.message}`)
  }
  if (isOurs(error)) return error
  if (error instanceof NewerFormatError) return new WorkflowFormatNewer(error.message)
  if (isStoreOutage(error)) return new DatabaseUnavailable()
  if (unavailable(error)) return new TemporalUnavailable('Ask again in a moment')
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new BodyTooLarge(request.routeOptions.bodyLimit ?? 0)
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ContentTypeUnknown(request.headers['content-type'] ?? '', 'application/json')
  }
  // The rest of what is wrong with a request itself: it was cut off, its length is another …
  const { statusCode = 500 } = error
  const aborted = request.raw.readableAborted || error.code === 'ECONNRESET'
  if (statusCode >= 400 && statusCode < 500) {
    return aborted || error.code?.startsWith('FST_ERR_CTP') === true
      ? new RequestInvalid('The body is not what its headers say, or did not come to its end')
      : new RequestInvalid(`${request.method} ${pathOf(request)} cannot be read`)
  }
  return undefined
}

const details = (error: Failure): object =>
  error instanceof ProjectRejected ? { problems: error.problems } : {}

function answer(reply: FastifyReply, status: number, code: string, message: string, more = {}) {
  const body: ErrorAnswer = { message, status, code, ...more }
  return reply.code(status).type('application/json').send(body)
}
