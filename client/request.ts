import { gunzipSync } from 'node:zlib'
import type { Answer } from './views.ts'

export interface ClientOptions {
  /** Go with every request: a login, for a server that wants one. */
  readonly headers?: Readonly<Record<string, string>>
  /** Ends what is under way. */
  readonly signal?: AbortSignal
  /** Reads answers, for who must not lose digits of numbers; JSON.parse if absent. */
  readonly readJson?: (text: string) => unknown
}

/** One call: a body of bytes is an archive, any other one JSON. */
export type Request = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

/** Calls of the API at an address such as `http://127.0.0.1:65432`. */
export function createRequest(
  url: string,
  { headers, signal, readJson = JSON.parse }: ClientOptions,
): Request {
  return async (method, path, body, more) => {
    const binary = body instanceof Uint8Array
    const type = binary ? 'application/gzip' : 'application/json'
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers, ...more },
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body: binary ? Buffer.from(body) : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: (text === '' ? {} : readJson(text)) as Answer['body'],
    }
  }
}

/** The text of a log file: it is gzipped, as the `digdag` client wants it. */
export async function readLogFile(
  url: string,
  path: string,
  { headers, signal }: ClientOptions,
): Promise<string> {
  const response = await fetch(url + path, {
    headers: { 'accept-encoding': 'identity', ...headers },
    ...(signal === undefined ? {} : { signal }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return gunzipSync(Buffer.from(await response.arrayBuffer())).toString()
}

/** An answer that is text. */
export async function readText(
  url: string,
  path: string,
  { headers, signal }: ClientOptions,
): Promise<string> {
  const response = await fetch(url + path, {
    ...(headers === undefined ? {} : { headers }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.text()
}

/** The body of an answer that did what was asked; throws the server's own sentence for any other. */
export function accepted({ status, body }: Answer, ...alsoRight: readonly number[]): unknown {
  if (status < 300 || alsoRight.includes(status)) return body
  const { message } = body
  throw new Error(
    `The server answered ${status}: ${typeof message === 'string' ? message : JSON.stringify(body)}`,
  )
}
