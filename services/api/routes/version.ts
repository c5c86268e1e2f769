import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ErrorAnswer } from '../schemas/common.ts'
import { Version, VersionCheck } from '../schemas/version.ts'

/** `0.10.5.1`, `0.10.0-SNAPSHOT`. */
const versionPattern = '^\\d+(\\.\\d+)*([-+.][0-9A-Za-z.+-]+)?$'

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
        querystring: Type.Object({
          client: Type.String({ pattern: versionPattern, description: "The client's version" }),
        }),
        response: { 200: VersionCheck, 400: ErrorAnswer },
      },
    },
    async () => ({ serverVersion: digdagVersion, upgradeRecommended: false, apiCompatible: true }),
  )
}
