import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Store } from '#store/index.ts'
import { readOverview } from '../overview/overview.ts'
import { ErrorAnswer } from '../schemas/common.ts'
import { Overview, OverviewQuery, presentOverview } from '../schemas/overview.ts'
import { findProjectByName } from './lookup.ts'

interface Needs {
  readonly store: Store
  readonly now: () => Date
}

export const overviewRoute: FastifyPluginAsyncTypebox<Needs> = async (app, { store, now }) => {
  app.get(
    '/api/overview',
    {
      schema: {
        tags: ['overview'],
        summary: 'What failed, what is late, what runs, what comes and what did not run',
        description:
          'A day at a glance. A session of which a later attempt succeeded is no failure any more; one that is tried again is running.',
        querystring: OverviewQuery,
        response: { 200: Overview, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const { hours = 24, project } = query
      const of = project === undefined ? undefined : await findProjectByName(store, project)
      return presentOverview(
        await readOverview(store, {
          now: now(),
          hours,
          ...(of === undefined ? {} : { projectId: of.id }),
        }),
      )
    },
  )
}
