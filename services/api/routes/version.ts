import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Version, VersionCheck } from '../schemas/version.ts'

// What the digdag command compares itself with.
const digdagVersion = '0.10.5.1'

export const versionRoutes: FastifyPluginAsyncTypebox<{ version: string }> = async (
  app,
  { version },
) => {
  app.get(
    '/api/version',
    { schema: { tags: ['service'], summary: 'Versions', response: { 200: Version } } },
    async () => ({ version: digdagVersion, suiro: version }),
  )

  app.get(
    '/api/version/check',
    {
      schema: {
        tags: ['service'],
        summary: 'Whether a digdag client fits; it asks before most commands',
        querystring: Type.Object({ client: Type.Optional(Type.String()) }),
        response: { 200: VersionCheck },
      },
    },
    async () => ({ serverVersion: digdagVersion, upgradeRecommended: false, apiCompatible: true }),
  )
}
