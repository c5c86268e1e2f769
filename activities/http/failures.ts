import { errors } from 'undici'
import { STATUS_CODES } from 'node:http'
import { configError, OperatorError } from '../failure.ts'
import type { Answer } from './exchange.ts'
import type { Request } from './request.ts'
import { excerpt } from '#workflows/domain/cut.ts'

/** What came of a request that did not do what it should. */
export interface RequestFailure {
  readonly error: OperatorError
  /** `always`: also where the task says `retry: false`, because the server did nothing yet. */
  readonly mayPass: 'no' | 'if retried' | 'always'
  /** Not earlier than that, as the server says. */
  readonly afterSeconds?: number
}

/** As in Digdag: an answer's page is no part of a message. */
const longestExcerpt = 200

/** Judges an answer as Digdag does; undefined for one that is fine. */
export function judge(request: Request, answer: Answer): RequestFailure | undefined {
  const { status, tooManyRedirects } = answer
  if (tooManyRedirects) {
    const what = `more than ${request.redirects} redirects`
    return {
      error: new OperatorError(`Unexpected HTTP status: ${lineOf(request, status)}: ${what}`, {
        kind: 'plain',
        code: 'HTTP',
      }),
      mayPass: 'no',
    }
  }
  if (status >= 200 && status < 400) return undefined
  const line = `${lineOf(request, status)}: ${excerptOf(answer)}`.trimEnd()
  const afterSeconds = answer.retryAfterSeconds
  if (status === 408 || status === 429) {
    const error = new OperatorError(`Failed HTTP request: ${line}`, { code: 'HTTP' })
    return { error, mayPass: 'always', afterSeconds }
  }
  if (status >= 400 && status < 500) {
    return {
      error: new OperatorError(`HTTP 4XX Client Error: ${line}`, { kind: 'plain', code: 'HTTP' }),
      mayPass: 'no',
    }
  }
  const kind = status < 600 ? 'HTTP 5XX Server Error' : 'Unexpected HTTP status'
  return {
    error: new OperatorError(`${kind}: ${line}`, { kind: 'plain', code: 'HTTP' }),
    mayPass: 'if retried',
    afterSeconds,
  }
}

/** `200 OK`. */
export function statusText(status: number): string {
  // In Digdag's words, which are those of its client.
  const reason = status === 500 ? 'Server Error' : STATUS_CODES[status]
  return reason === undefined ? String(status) : `${status} ${reason}`
}

const lineOf = ({ method, target }: Request, status: number): string =>
  `${method} ${target.shown} - ${statusText(status)}`

function excerptOf({ text, cut }: Answer): string {
  const said = excerpt(text.trim(), longestExcerpt)
  return cut && !said.endsWith('…') ? `${said}…` : said
}

/** What a request that got no answer met, in words. */
export function describeNoAnswer(request: Request, thrown: unknown): RequestFailure {
  const { target, method } = request
  const errors = causesOf(thrown)
  const say = (what: string): OperatorError =>
    new OperatorError(`HTTP request failed: ${method} ${target.shown}: ${what}`, {
      code: 'UNREACHABLE',
    })

  const wrong = errors.find(isWrongRequest)
  if (wrong !== undefined) {
    return { error: configError(`Invalid HTTP request: ${wrong.message}`), mayPass: 'no' }
  }
  const codes = errors.map(codeOf)
  const certificate = errors.find((error) => isCertificate(codeOf(error)))
  if (certificate !== undefined) {
    // Behind a semicolon Node says how to run Node.
    const why = target.secret ? codeOf(certificate) : certificate.message.split(';')[0]
    const what = `the server's certificate is not trusted (${why}); "insecure: true" goes without the check`
    return { error: say(what), mayPass: 'no' }
  }
  const code = codes.find((known) => known in words) ?? codes.find((known) => known !== '') ?? ''
  const known = words[code]
  const message = errors[0]?.message ?? String(thrown)
  // The client's own words may name the host.
  const what = known ?? (target.secret ? `no answer (${code})` : message)
  return { error: say(what), mayPass: 'if retried' }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'The connection was closed before the answer was complete',
  UND_ERR_SOCKET: 'The connection was closed before the answer was complete',
  EPIPE: 'The connection was closed before the answer was complete',
  ENOTFOUND: 'No such host',
  EAI_AGAIN: 'The name of the host could not be looked up',
  EHOSTUNREACH: 'The host cannot be reached',
  ENETUNREACH: 'The network of the host cannot be reached',
  ETIMEDOUT: 'The host does not answer',
}

/** An error, what caused it, and each of several tries of addresses. */
function causesOf(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return []
  const inner = error instanceof AggregateError ? error.errors : []
  return [error, ...[...inner, error.cause].flatMap(causesOf)]
}

const codeOf = (error: Error): string => {
  const code = 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

const isCertificate = (code: string): boolean =>
  /CERT|SIGNATURE|ERR_TLS|ERR_SSL|SELF_SIGNED|ISSUER/.test(code)

const isWrongRequest = (error: Error): boolean =>
  error instanceof errors.InvalidArgumentError ||
  error instanceof errors.NotSupportedError ||
  error instanceof errors.RequestContentLengthMismatchError
