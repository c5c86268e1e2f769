import type { Connections } from './connections.ts'
import type { Header } from './headers.ts'
import { readBody, type Body } from './body.ts'
import type { Request } from './request.ts'

/** What a server answered in the end. */
export interface Answer extends Body {
  readonly status: number
  readonly type: string | undefined
  /** When the server wants to be asked again, in seconds. */
  readonly retryAfterSeconds: number
  /** There were more redirects than are followed. */
  readonly tooManyRedirects: boolean
}

export interface ExchangeOptions {
  readonly signal: AbortSignal
  readonly mostBytes: number
  /** How much of an answer that nobody keeps is read all the same: the server may work until its end. */
  readonly mostUnkept: number
}

interface Hop {
  readonly method: string
  readonly url: URL
  readonly headers: readonly Header[]
  readonly content: Request['content']
}

/** Sends a request, follows redirects, and reads the answer. */
export async function exchange(
  request: Request,
  connections: Connections,
  options: ExchangeOptions,
): Promise<Answer> {
  let hop: Hop = { ...request, url: request.target.url }
  for (let followed = 0; ; followed += 1) {
    const { method, url, headers, content } = hop
    const {
      statusCode,
      headers: answered,
      body,
    } = await connections.to(url).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: flat(headers, content),
      body: content?.text ?? null,
      signal: options.signal,
    })
    const location = redirects.has(statusCode) ? first(answered['location']) : undefined
    const next = location === undefined ? undefined : hopTo(location, hop, statusCode)
    if (next === undefined || followed >= request.redirects) {
      const type = first(answered['content-type'])
      const hasBody = method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
      const encoding = hasBody ? first(answered['content-encoding']) : undefined
      const { mostBytes, mostUnkept } = options
      // Of a failure the beginning is all that is shown.
      const mostRead = statusCode < 400 ? Math.max(mostBytes, mostUnkept) : mostBytes
      const read = await readBody(body, { encoding, type, mostBytes, mostRead })
      const tooManyRedirects = next !== undefined && request.redirects > 0
      const retryAfterSeconds = secondsOf(first(answered['retry-after']))
      return { ...read, status: statusCode, type, retryAfterSeconds, tooManyRedirects }
    }
    await body.dump()
    hop = next
  }
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The request that a redirect asks for (RFC 9110, 15.4). */
function hopTo(location: string, hop: Hop, status: number): Hop | undefined {
  if (!URL.canParse(location, hop.url.href)) return undefined
  const url = new URL(location, hop.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const toGet = (status === 303 && hop.method !== 'HEAD') || (status < 303 && hop.method === 'POST')
  const elsewhere = url.origin !== hop.url.origin
  const headers = hop.headers.filter(({ name, secret }) => {
    const lower = name.toLowerCase()
    if (lower === 'host' || (toGet && lower.startsWith('content-'))) return false
    return !elsewhere || !(secret || lower === 'authorization' || lower === 'cookie')
  })
  return toGet ? { method: 'GET', url, headers, content: undefined } : { ...hop, url, headers }
}

/** Names and values in turn, so that one name may come several times. */
function flat(headers: readonly Header[], content: Request['content']): string[] {
  const own = headers.flatMap(({ name, value }) => [name, value])
  const typed = headers.some(({ name }) => name.toLowerCase() === 'content-type')
  return content === undefined || typed ? own : [...own, 'content-type', content.type]
}

const first = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** `Retry-After` is a number of seconds or a date. */
function secondsOf(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 0
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - Date.now()) / 1000)
  return seconds > 0 ? seconds : 0
}
