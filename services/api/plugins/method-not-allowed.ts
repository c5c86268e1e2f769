import { METHODS } from 'node:http'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { MethodNotAllowed } from '../errors.ts'

/**
 * Notes the methods of each path as routes are added; `finish` then answers all others that Node can
 * read with 405.
 */
export function watchMethods(app: FastifyInstance): { readonly finish: () => void } {
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  }
  const methods = app.supportedMethods as readonly HTTPMethods[]
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
