import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { validatorCompiler } from '../plugins/validation.ts'
import { healthRoutes, type Check } from './health.ts'

async function ready(checks: Readonly<Record<string, Check>>) {
  const app = Fastify().setValidatorCompiler(validatorCompiler)
  await app.register(healthRoutes, { checks })
  const response = await app.inject({ url: '/readyz' })
  return { status: response.statusCode, body: response.json<unknown>() }
}

test('it is ready when all parts answer', async () => {
  expect(await ready({ database: async () => {}, temporal: async () => {} })).toEqual({
    status: 200,
    body: { status: 'ready', parts: { database: 'ok', temporal: 'ok' } },
  })
})

test('it says which part does not answer', async () => {
  const temporal = () => Promise.reject(new Error('Temporal at x:7233 does not answer'))
  expect(await ready({ database: async () => {}, temporal })).toEqual({
    status: 503,
    body: {
      status: 'not ready',
      parts: { database: 'ok', temporal: 'Temporal at x:7233 does not answer' },
    },
  })
})
