import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { docsPolicy } from './security-headers.ts'

/** OpenAPI out of the routes' schemas, and a page to try it. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Suiro',
        version,
        description:
          "Digdag's REST API, so that the digdag command works unchanged, and more where Digdag stops.",
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'overview', description: 'A day at a glance' },
        { name: 'projects', description: 'Push, list and read projects and their revisions' },
        { name: 'workflows', description: 'What can be started' },
        { name: 'schedules', description: 'When it starts by itself' },
        { name: 'sessions', description: 'One workflow at one session time' },
        { name: 'attempts', description: 'Start, retry, watch and kill' },
        { name: 'logs', description: 'What tasks wrote, while they run too' },
        { name: 'secrets', description: 'Set and named, never answered' },
        { name: 'service', description: 'Version and health' },
      ],
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, displayRequestDuration: true },
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger())
}
