import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const compress = promisify(gzip)
// Below this the headers weigh more than what is saved.
const worthwhileBytes = 512

/** Compresses JSON and text for clients that accept gzip. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (!/^(application\/json|text\/)/.test(type)) return payload
    void reply.header('vary', 'accept-encoding')
    const accepted = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    if (typeof payload !== 'string' || payload.length < worthwhileBytes || !accepted) return payload
    void reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return compress(payload)
  })
}
