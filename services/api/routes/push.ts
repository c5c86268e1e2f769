import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../actor.ts'
import { acceptArchives } from '../plugins/content-types.ts'
import { validatorCompiler } from '../plugins/validation.ts'
import { checkProjectName, checkRevisionName } from '../push/names.ts'
import type { Push } from '../push/push.ts'
import { ErrorAnswer, GzipFile } from '../schemas/common.ts'
import { presentProject, PushedProject, PushQuery, RejectedProject } from '../schemas/project.ts'
import { readInstant } from '../time.ts'

interface Needs {
  readonly push: Push
  readonly maxArchiveBytes: number
}

/** A scope of its own, because its body is an archive and not JSON. */
export const pushRoute: FastifyPluginAsyncTypebox<Needs> = async (app, needs) => {
  const { push, maxArchiveBytes } = needs
  acceptArchives(app, maxArchiveBytes)
  // The body is described for OpenAPI, but bytes are not for a schema to check.
  app.setValidatorCompiler((route) =>
    route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route),
  )

  app.put(
    '/api/projects',
    {
      bodyLimit: maxArchiveBytes,
      schema: {
        tags: ['projects'],
        summary: 'Push a revision of a project',
        description:
          'The body is a tar.gz of the project. Every .dig file in its root is compiled first; a revision with mistakes is refused whole, and all of them are answered.',
        consumes: ['application/gzip'],
        querystring: PushQuery,
        body: GzipFile,
        response: {
          200: PushedProject,
          400: RejectedProject,
          409: ErrorAnswer,
        },
      },
    },
    async ({ query, body, headers }) => {
      checkProjectName(query.project)
      checkRevisionName(query.revision)
      const from = query.schedule_from
      const { project, warnings } = await push.archive({
        project: query.project,
        revision: query.revision,
        actor: actorOf({ headers }),
        archive: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        ...(from === undefined ? {} : { scheduleFrom: readInstant('schedule_from', from) }),
        clearSchedules:
          query.clear_schedule_all === true ? 'all' : [query.clear_schedule ?? []].flat(),
      })
      return { ...presentProject(project), warnings: [...warnings] }
    },
  )
}
