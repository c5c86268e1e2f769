import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { ProjectId, RevisionId } from '#workflows/domain/ids.ts'
import { NotFound, RevisionGone } from '../errors.ts'
import { Count, DirectDownload, ErrorAnswer, gzipAnswer, IdOf } from '../schemas/common.ts'
import {
  presentProject,
  presentRevision,
  Project,
  ProjectParams,
  Revision,
} from '../schemas/project.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import { instant } from '../time.ts'
import { findProject, findProjectByName } from './lookup.ts'

interface Needs {
  readonly store: Store
  readonly schedules: ScheduleControl
}

const tags = ['projects']

export const projectRoutes: FastifyPluginAsyncTypebox<Needs> = async (
  app,
  { store, schedules },
) => {
  app.get(
    '/api/projects',
    {
      schema: {
        tags,
        summary: 'List projects',
        querystring: Type.Object({
          name: Type.Optional(Type.String({ description: 'Only the project of this name' })),
          name_pattern: Type.Optional(Type.String({ description: 'A part of the name' })),
          last_id: Type.Optional(IdOf<ProjectId>('last project of the page before')),
          count: Type.Optional(Count),
        }),
        response: { 200: Type.Object({ projects: Type.Array(Project) }), 400: ErrorAnswer },
      },
    },
    async ({ query }) => {
      if (query.name !== undefined) {
        const project = await store.projects.findByName(query.name)
        return { projects: project === undefined ? [] : [presentProject(project)] }
      }
      const projects = await store.projects.list({
        count: query.count ?? 100,
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
        ...(query.name_pattern === undefined ? {} : { namePattern: query.name_pattern }),
      })
      return { projects: projects.map(presentProject) }
    },
  )

  app.get(
    '/api/project',
    {
      schema: {
        tags,
        summary: 'A project by its name',
        deprecated: true,
        querystring: Type.Object({ name: Type.String() }),
        response: { 200: Project, 404: ErrorAnswer },
      },
    },
    async ({ query }) => presentProject(await findProjectByName(store, query.name)),
  )

  app.get(
    '/api/projects/:id',
    {
      schema: {
        tags,
        summary: 'A project',
        params: ProjectParams,
        response: { 200: Project, 404: ErrorAnswer },
      },
    },
    async ({ params }) => presentProject(await findProject(store, params.id)),
  )

  app.delete(
    '/api/projects/:id',
    {
      schema: {
        tags,
        summary: 'Delete a project',
        description:
          'Frees the name and deletes the schedules; sessions, attempts and logs stay. Answers the project as it was.',
        params: ProjectParams,
        response: { 200: Project, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      const project = await findProject(store, params.id)
      const scheduled = await store.schedules.list({ projectId: project.id, count: 10_000 })
      await store.projects.delete(project.id)
      await schedules.changed(
        [],
        scheduled.map(({ id }) => id),
      )
      return presentProject(project)
    },
  )

  app.get(
    '/api/projects/:id/revisions',
    {
      schema: {
        tags,
        summary: "A project's revisions, newest first, at most 100",
        params: ProjectParams,
        querystring: Type.Object({
          name: Type.Optional(Type.String()),
          last_id: Type.Optional(IdOf<RevisionId>('last revision of the page before')),
        }),
        response: { 200: Type.Object({ revisions: Type.Array(Revision) }), 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      await findProject(store, params.id)
      const revisions = await store.projects.revisions(params.id, {
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
        ...(query.name === undefined ? {} : { name: query.name }),
      })
      return { revisions: revisions.map(presentRevision) }
    },
  )

  app.get(
    '/api/projects/:id/archive',
    {
      schema: {
        tags,
        summary: "A revision's archive (tar.gz), the latest without a name",
        params: ProjectParams,
        querystring: Type.Object({
          revision: Type.Optional(Type.String()),
          direct_download: DirectDownload,
        }),
        response: { 200: gzipAnswer('The archive'), 404: ErrorAnswer, 410: ErrorAnswer },
      },
    },
    async ({ params, query }, reply) => {
      await findProject(store, params.id)
      const found = await store.projects.archive(params.id, query.revision)
      if (found === undefined) {
        throw new NotFound(`revision name=${query.revision ?? ''} in project id=${params.id}`)
      }
      const { name, archiveRemovedAt } = found.revision
      if (archiveRemovedAt !== null) throw new RevisionGone(name, instant(archiveRemovedAt))
      return reply.type('application/gzip').send(found.archive)
    },
  )
}
