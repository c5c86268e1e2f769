import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Alive, Readiness } from '../schemas/health.ts'

/** Answers when the part is there, throws when not. */
export type Check = () => Promise<void>

interface Needs {
  readonly checks: Readonly<Record<string, Check>>
}

const tags = ['service']

export const healthRoutes: FastifyPluginAsyncTypebox<Needs> = async (app, { checks }) => {
  app.get(
    '/healthz',
    { schema: { tags, summary: 'Whether this process lives', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'Whether all it needs answers, and what does not',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_, reply) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
      )
      const ready = results.every(([, result]) => result === 'ok')
      return reply
        .code(ready ? 200 : 503)
        .send({ status: ready ? 'ready' : 'not ready', parts: Object.fromEntries(results) })
    },
  )
}

async function outcome(check: Check): Promise<string> {
  try {
    await check()
    return 'ok'
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : String(error)
  }
}
