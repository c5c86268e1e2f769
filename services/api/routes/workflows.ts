import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { Workflow as WorkflowRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { WorkflowId } from '#workflows/domain/ids.ts'
import { NotFound, RequestInvalid } from '../errors.ts'
import { Count, ErrorAnswer, IdOf, idText } from '../schemas/common.ts'
import { ProjectParams } from '../schemas/project.ts'
import {
  presentWorkflow,
  TruncatedSessionTime,
  Workflow,
  WorkflowParams,
} from '../schemas/workflow.ts'
import { truncateSessionTime, type Truncation } from '../truncate.ts'
import { readTime } from '../time.ts'
import { checkRevision, findProject, findProjectByName, findWorkflow } from './lookup.ts'

const tags = ['workflows']
const revision = Type.Optional(Type.String({ description: 'Name of a revision; else the latest' }))
const WorkflowList = Type.Object({ workflows: Type.Array(Workflow) })

export const workflowRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (
  app,
  { store },
) => {
  const byId = async (id: WorkflowId): Promise<WorkflowRow> => {
    const workflow = await store.workflows.find(id)
    if (workflow === undefined) throw new NotFound(`workflow id=${id}`)
    return workflow
  }

  app.get(
    '/api/workflows',
    {
      schema: {
        tags,
        summary: "Workflows of all projects' latest revisions",
        querystring: Type.Object({
          last_id: Type.Optional(IdOf<WorkflowId>('last workflow of the page before')),
          count: Type.Optional(Count),
          order: Type.Optional(Type.String({ description: '"asc" or "desc"', default: 'asc' })),
          name_pattern: Type.Optional(Type.String({ description: 'A part of the name' })),
          search_project_name: Type.Optional(
            Type.Boolean({ description: "The pattern may also be a part of the project's name" }),
          ),
        }),
        response: { 200: WorkflowList, 400: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const { order = 'asc', last_id, name_pattern, search_project_name } = query
      if (order !== 'asc' && order !== 'desc') {
        throw new RequestInvalid("parameter 'order' must be either 'asc' or 'desc'")
      }
      const workflows = await store.workflows.list({
        count: query.count ?? 100,
        order,
        ...(last_id === undefined ? {} : { lastId: last_id }),
        ...(name_pattern === undefined ? {} : { namePattern: name_pattern }),
        ...(search_project_name === undefined ? {} : { searchProjectName: search_project_name }),
      })
      return { workflows: workflows.map(presentWorkflow) }
    },
  )

  app.get(
    '/api/workflow',
    {
      schema: {
        tags,
        summary: 'A workflow by the names of project and workflow',
        deprecated: true,
        querystring: Type.Object({ project: Type.String(), name: Type.String(), revision }),
        response: { 200: Workflow, 404: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const { id } = await findProjectByName(store, query.project)
      return presentWorkflow(await findWorkflow(store, id, query.name, query.revision))
    },
  )

  app.get(
    '/api/workflows/:id',
    {
      schema: {
        tags,
        summary: 'A workflow',
        params: WorkflowParams,
        response: { 200: Workflow, 404: ErrorAnswer },
      },
    },
    async ({ params }) => presentWorkflow(await byId(params.id)),
  )

  app.get(
    '/api/workflows/:id/truncated_session_time',
    {
      schema: {
        tags,
        summary: "A time as this workflow's session time",
        params: WorkflowParams,
        querystring: Type.Object({
          session_time: Type.String({
            description: "With an offset, or local in the workflow's time zone",
            examples: ['2026-11-24T11:50:58Z', '2026-11-24'],
          }),
          mode: Type.Optional(
            Type.Unsafe<Truncation>({
              type: 'string',
              enum: ['hour', 'day', 'schedule', 'next_schedule'],
              description: '"hour", "day", "schedule" or "next_schedule"; as it is if absent',
            }),
          ),
        }),
        response: { 200: TruncatedSessionTime, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const workflow = await byId(params.id)
      const { timezone } = workflow
      const time = readTime('session_time', query.session_time, timezone)
      const truncated = truncateSessionTime(time, query.mode, workflow.definition)
      return {
        project: { id: idText(workflow.projectId), name: workflow.projectName },
        revision: workflow.revision,
        sessionTime: formatSessionTime(truncated, timezone),
        timezone,
      }
    },
  )

  app.get(
    '/api/projects/:id/workflows',
    {
      schema: {
        tags,
        summary: "A project's workflows",
        params: ProjectParams,
        querystring: Type.Object({
          revision,
          name: Type.Optional(Type.String()),
          // The word of tdworkflow, Treasure Data's client in Python.
          workflow: Type.Optional(Type.String({ description: 'The same as name' })),
        }),
        response: { 200: WorkflowList, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findProject(store, params.id)
      if (query.revision !== undefined) await checkRevision(store, id, query.revision)
      const workflows = await store.workflows.ofProject(id, query.revision)
      const wanted = workflows.filter(({ name }) =>
        [query.name, query.workflow].every((word) => word === undefined || word === name),
      )
      return { workflows: wanted.map(presentWorkflow) }
    },
  )

  app.get(
    '/api/projects/:id/workflows/:name',
    {
      schema: {
        tags,
        summary: "A project's workflow by its name",
        params: Type.Object({ ...ProjectParams.properties, name: Type.String() }),
        querystring: Type.Object({ revision }),
        response: { 200: Workflow, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findProject(store, params.id)
      return presentWorkflow(await findWorkflow(store, id, params.name, query.revision))
    },
  )

  app.get(
    '/api/projects/:id/workflow',
    {
      schema: {
        tags,
        summary: "A project's workflow by its name",
        deprecated: true,
        params: ProjectParams,
        querystring: Type.Object({ name: Type.String(), revision }),
        response: { 200: Workflow, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findProject(store, params.id)
      return presentWorkflow(await findWorkflow(store, id, query.name, query.revision))
    },
  )
}
