import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { AttemptId, SessionId } from '#workflows/domain/ids.ts'
import { NotFound } from '../errors.ts'
import { pageSize } from '../page-size.ts'
import { readSessionFilter } from '../read-filter.ts'
import { Attempt, presentAttempt } from '../schemas/attempt.ts'
import { ErrorAnswer, IdOf, PageSize } from '../schemas/common.ts'
import { SessionFilter } from '../schemas/filter.ts'
import { ProjectParams } from '../schemas/project.ts'
import { presentSession, Session, SessionParams } from '../schemas/session.ts'
import { findProject, findProjectByName } from './lookup.ts'

const tags = ['sessions']
const SessionList = Type.Object({ sessions: Type.Array(Session) })
const workflow = Type.Optional(Type.String({ description: "The workflow's name" }))
const page = {
  last_id: Type.Optional(IdOf<SessionId>('last session of the page before')),
  page_size: Type.Optional(PageSize),
}

export const sessionRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (
  app,
  { store },
) => {
  const byId = async (id: SessionId) => {
    const session = await store.sessions.find(id)
    if (session === undefined) throw new NotFound(`session id=${id}`)
    return session
  }

  app.get(
    '/api/sessions',
    {
      schema: {
        tags,
        summary: 'List sessions, newest first',
        querystring: Type.Object({
          project: Type.Optional(Type.String({ description: "The project's name" })),
          workflow,
          ...SessionFilter,
          ...page,
        }),
        response: { 200: SessionList, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const filter = readSessionFilter(query)
      const count = pageSize(query.page_size)
      const { project } = query
      const found = project === undefined ? undefined : await findProjectByName(store, project)
      const sessions = await store.sessions.list({
        ...filter,
        count,
        ...(found === undefined ? {} : { projectId: found.id }),
        ...(query.workflow === undefined ? {} : { workflowName: query.workflow }),
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { sessions: sessions.map(presentSession) }
    },
  )

  app.get(
    '/api/projects/:id/sessions',
    {
      schema: {
        tags,
        summary: "A project's sessions, newest first",
        params: ProjectParams,
        querystring: Type.Object({ workflow, ...SessionFilter, ...page }),
        response: { 200: SessionList, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findProject(store, params.id)
      const sessions = await store.sessions.list({
        ...readSessionFilter(query),
        projectId: id,
        count: pageSize(query.page_size),
        ...(query.workflow === undefined ? {} : { workflowName: query.workflow }),
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { sessions: sessions.map(presentSession) }
    },
  )

  app.get(
    '/api/sessions/:id',
    {
      schema: {
        tags,
        summary: 'A session',
        params: SessionParams,
        response: { 200: Session, 404: ErrorAnswer },
      },
    },
    async ({ params }) => presentSession(await byId(params.id)),
  )

  app.get(
    '/api/sessions/:id/attempts',
    {
      schema: {
        tags,
        summary: "A session's attempts, newest first",
        params: SessionParams,
        querystring: Type.Object({
          last_id: Type.Optional(IdOf<AttemptId>('last attempt of the page before')),
          page_size: Type.Optional(PageSize),
          // Digdag's web page asks for it.
          include_retried: Type.Optional(
            Type.Boolean({ description: 'Changes nothing: these are always all attempts' }),
          ),
        }),
        response: { 200: Type.Object({ attempts: Type.Array(Attempt) }), 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await byId(params.id)
      const attempts = await store.attempts.list({
        sessionId: id,
        includeRetried: true,
        count: pageSize(query.page_size),
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { attempts: attempts.map(presentAttempt) }
    },
  )
}
