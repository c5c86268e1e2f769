import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Json, JsonObject } from '#workflows/domain/json.ts'

/** A call on its way to the engine. */
export interface ProxiedCall {
  readonly method: string
  /** With its query. */
  readonly path: string
}

/** What the proxy does to a call instead of passing it on. */
export interface Fault {
  readonly on: (call: ProxiedCall) => boolean
  /** How many calls it happens to; one unless said otherwise. */
  readonly times?: number
  readonly act:
    /** The engine never hears of the call. */
    | { readonly kind: 'refuse'; readonly status: number; readonly body: JsonObject }
    /** The engine never hears of the call, and the caller gets no answer. */
    | { readonly kind: 'cut' }
    /** The connection stays, and nothing ever comes of it. */
    | { readonly kind: 'hang' }
    /** The engine does what it was asked, and the caller gets no answer. */
    | { readonly kind: 'lose' }
    /** The engine does what it was asked, and the caller gets another answer. */
    | { readonly kind: 'rewrite'; readonly with: (answer: JsonObject) => Json }
}

export interface FaultProxy {
  readonly url: string
  /** All calls so far, faulty ones among them. */
  readonly calls: readonly ProxiedCall[]
  inject(fault: Fault): void
  close(): Promise<void>
}

/** BigQuery's own form of a refusal. */
export const refusal = (status: number, reason: string, message: string): Fault['act'] => ({
  kind: 'refuse',
  status,
  body: { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } },
})

export const isInsert = ({ method, path }: ProxiedCall): boolean =>
  method === 'POST' && /\/jobs(\?|$)/.test(path)

export const isGet = ({ method, path }: ProxiedCall): boolean =>
  method === 'GET' && path.includes('/jobs/')

/**
 * A real HTTP proxy before the engine, which lets calls fail as the real service's do. It also lets jobs
 * be inserted one at a time only: the real service sees two inserts of one id, the engine may not.
 */
export async function startFaultProxy(engine: string): Promise<FaultProxy> {
  const calls: ProxiedCall[] = []
  const faults: { left: number; readonly fault: Fault }[] = []
  let lastInsert: Promise<unknown> = Promise.resolve()

  const forward = async (request: IncomingMessage, body: Buffer): Promise<Answer> => {
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const response = await fetch(`${engine}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    return { status: response.status, text: await response.text() }
  }

  const inTurn = (call: ProxiedCall, work: () => Promise<Answer>): Promise<Answer> => {
    if (!isInsert(call)) return work()
    const mine = lastInsert.then(work)
    lastInsert = mine.catch(() => undefined)
    return mine
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const call = { method: request.method ?? '', path: request.url ?? '' }
    calls.push(call)
    const found = faults.find(({ left, fault }) => left > 0 && fault.on(call))
    if (found) found.left -= 1
    const act = found?.fault.act
    if (act?.kind === 'hang') return
    if (act?.kind === 'cut') return void request.socket.destroy()
    if (act?.kind === 'refuse') return send(response, act.status, JSON.stringify(act.body))
    const answer = await inTurn(call, () => forward(request, body))
    if (act?.kind === 'lose') return void request.socket.destroy()
    if (act?.kind === 'rewrite') {
      const rewritten = act.with(JSON.parse(answer.text) as JsonObject)
      return send(response, answer.status, JSON.stringify(rewritten))
    }
    send(response, answer.status, answer.text)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      send(response, 502, JSON.stringify({ error: { code: 502, message: String(error) } }))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    inject: (fault) => void faults.push({ left: fault.times ?? 1, fault }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(status === 204 ? undefined : text)
}
