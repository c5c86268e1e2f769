import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { Attempt as AttemptRow } from '#store/types.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { actorOf } from '../actor.ts'
import { alreadyStarted } from '../already-started.ts'
import { AttemptDone } from '../errors.ts'
import { pageSize } from '../page-size.ts'
import { readAttemptFilter } from '../read-filter.ts'
import {
  Attempt,
  AttemptHeaders,
  AttemptParams,
  AttemptRequest,
  ExistingAttempt,
  presentAttempt,
} from '../schemas/attempt.ts'
import { ErrorAnswer, IdOf, Json, PageSize } from '../schemas/common.ts'
import { AttemptFilter } from '../schemas/filter.ts'
import type { Start } from '../start.ts'
import type { AttemptControl } from '../temporal/attempts.ts'
import { findAttempt, findProjectByName } from './lookup.ts'

interface Needs {
  readonly store: Store
  readonly start: Start
  readonly control: AttemptControl
  /** Where to watch an attempt, for people. */
  readonly monitor?: Monitor
}

/** Address of an attempt's page, for people. */
export type Monitor = (attempt: Pick<AttemptRow, 'temporalId'>) => string

const tags = ['attempts']
const AttemptList = Type.Object({ attempts: Type.Array(Attempt) })

export const attemptRoutes: FastifyPluginAsyncTypebox<Needs> = async (app, needs) => {
  const { store, start, control, monitor } = needs
  const link = (reply: FastifyReply, attempt: AttemptRow): void => {
    if (monitor !== undefined) void reply.header('link', `<${monitor(attempt)}>; rel="monitor"`)
  }

  app.put(
    '/api/attempts',
    {
      schema: {
        tags,
        summary: 'Start a workflow, or try a session again',
        description:
          'Says what to start by the names of project and workflow, or by the id of a workflow. Answers 200 once the attempt is stored: it will run, even if Temporal is down now. 409: nothing was started, since the session has an attempt of that name already; answered is that attempt, and how to run it again.',
        headers: AttemptHeaders,
        body: AttemptRequest,
        response: {
          200: Attempt,
          400: ErrorAnswer,
          404: ErrorAnswer,
          409: ExistingAttempt,
          410: ErrorAnswer,
          422: ErrorAnswer,
        },
      },
    },
    async ({ body, headers }, reply) => {
      const { sessionTime, params = {}, retryAttemptName, resume } = body
      const { workflowId, project, workflow, revision } = body
      const idempotencyKey = headers['idempotency-key']
      const { outcome, attempt } = await start({
        what: {
          ...(workflowId === undefined ? {} : { workflowId }),
          ...(project === undefined ? {} : { project }),
          ...(workflow === undefined ? {} : { workflow }),
          ...(revision === undefined ? {} : { revision }),
        },
        sessionTime,
        params,
        actor: actorOf({ headers }),
        ...(retryAttemptName == null ? {} : { retryAttemptName }),
        ...(resume == null
          ? {}
          : {
              resume: {
                mode: resume.mode,
                attemptId: resume.attemptId,
                ...(resume.from == null ? {} : { from: resume.from }),
              },
            }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      })
      link(reply, attempt)
      if (outcome === 'conflict') return reply.code(409).send(alreadyStarted(attempt))
      return reply.code(200).send(presentAttempt(attempt))
    },
  )

  app.get(
    '/api/attempts',
    {
      schema: {
        tags,
        summary: 'List attempts, newest first',
        querystring: Type.Object({
          project: Type.Optional(Type.String({ description: "The project's name" })),
          workflow: Type.Optional(
            Type.String({ description: "The workflow's name, in all projects without project" }),
          ),
          ...AttemptFilter,
          include_retried: Type.Optional(
            Type.Boolean({ description: 'Also attempts that another one of the session followed' }),
          ),
          last_id: Type.Optional(IdOf<AttemptId>('last attempt of the page before')),
          page_size: Type.Optional(PageSize),
        }),
        response: { 200: AttemptList, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const { project, workflow, include_retried = false, last_id } = query
      const filter = readAttemptFilter(query)
      const count = pageSize(query.page_size)
      const found = project === undefined ? undefined : await findProjectByName(store, project)
      const attempts = await store.attempts.list({
        ...filter,
        includeRetried: include_retried,
        count,
        ...(found === undefined ? {} : { projectId: found.id }),
        ...(workflow === undefined ? {} : { workflowName: workflow }),
        ...(last_id === undefined ? {} : { lastId: last_id }),
      })
      return { attempts: attempts.map(presentAttempt) }
    },
  )

  app.get(
    '/api/attempts/:id',
    {
      schema: {
        tags,
        summary: 'An attempt',
        params: AttemptParams,
        response: { 200: Attempt, 404: ErrorAnswer },
      },
    },
    async ({ params }, reply) => {
      const attempt = await findAttempt(store, params.id)
      link(reply, attempt)
      return presentAttempt(attempt)
    },
  )

  app.get(
    '/api/attempts/:id/retries',
    {
      schema: {
        tags,
        summary: 'All attempts of the same session, oldest first',
        params: AttemptParams,
        response: { 200: AttemptList, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      const { sessionId } = await findAttempt(store, params.id)
      const attempts = await store.attempts.list({
        sessionId,
        includeRetried: true,
        count: 10_000,
      })
      return { attempts: attempts.toReversed().map(presentAttempt) }
    },
  )

  app.get(
    '/api/admin/attempts/:id/userinfo',
    {
      schema: {
        tags,
        summary: "What a Digdag's own login says of who pushed an attempt's revision",
        description:
          'Nothing here, since the API has no login of its own; who started an attempt is its `startedBy`.',
        params: AttemptParams,
        response: { 200: Json, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      await findAttempt(store, params.id)
      return {}
    },
  )

  app.post(
    '/api/attempts/:id/kill',
    {
      schema: {
        tags,
        summary: 'Kill an attempt',
        description:
          'Running tasks are asked to stop, waiting ones are canceled. Answers the attempt as it was; asking again is fine until it is finished.',
        params: AttemptParams,
        response: { 200: Attempt, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ params, headers }) => {
      const attempt = await findAttempt(store, params.id)
      if (!(await store.attempts.requestCancel(attempt.id, actorOf({ headers }))))
        throw new AttemptDone()
      await control.cancel(attempt)
      return presentAttempt(attempt)
    },
  )
}
