import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

const shut = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** For every answer, also those that never reach a route: nothing may be framed, sniffed or run. */
export const securityHeaders = {
  'content-security-policy': `default-src 'none'; ${shut}`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** For the page that tries the API: its own files, its own styles, requests to this address only. */
export const docsPolicy = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; ${shut}`

/** For a page of ours whose only style is this text. */
export const pagePolicy = (style: string): string =>
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ${shut}`

export function secureAnswers(
  app: FastifyInstance,
  headers: Readonly<Record<string, string>>,
): void {
  app.addHook('onRequest', async (_, reply) => {
    void reply.headers(headers)
  })
}
