import type { FastifyInstance, HTTPMethods } from 'fastify'
import { MethodNotAllowed } from '../errors.ts'

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Notes the methods of each path as routes are added; `finish` then answers the others with 405. */
export function watchMethods(app: FastifyInstance): { readonly finish: () => void } {
  const known = new Map<string, Set<HTTPMethods>>()
  let finished = false
  app.addHook('onRoute', ({ url, method }) => {
    if (finished || url.includes('*')) return
    const allowed = known.get(url) ?? new Set()
    for (const name of [method].flat()) allowed.add(name)
    known.set(url, allowed)
  })
  return {
    finish() {
      finished = true
      for (const [url, allowed] of known) {
        const allow = [...new Set([...allowed, 'OPTIONS'])].sort().join(', ')
        app.route({
          url,
          method: methods.filter((method) => !allowed.has(method)),
          schema: { hide: true },
          // Before the body is looked at: its type does not matter any more.
          onRequest: async (request, reply) => {
            void reply.header('allow', allow)
            if (request.method === 'OPTIONS') return reply.code(204).send()
            throw new MethodNotAllowed(request.method, url, allow)
          },
          handler: () => {},
        })
      }
    },
  }
}
