import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { Schedule as ScheduleRow } from '#store/types.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { NotFound } from '../errors.ts'
import { ErrorAnswer, IdOf, maxPageSize } from '../schemas/common.ts'
import { ProjectParams } from '../schemas/project.ts'
import {
  presentSchedule,
  presentScheduleSummary,
  Schedule,
  ScheduleParams,
  ScheduleSummary,
} from '../schemas/schedule.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import { findProject } from './lookup.ts'

interface Needs {
  readonly store: Store
  readonly schedules: ScheduleControl
}

const tags = ['schedules']
const ScheduleList = Type.Object({ schedules: Type.Array(Schedule) })
const last_id = Type.Optional(IdOf<ScheduleId>('last schedule of the page before'))

export const scheduleRoutes: FastifyPluginAsyncTypebox<Needs> = async (
  app,
  { store, schedules },
) => {
  const byId = async (id: ScheduleId): Promise<ScheduleRow> => {
    const schedule = await store.schedules.find(id)
    if (schedule === undefined) throw new NotFound(`schedule id=${id}`)
    return schedule
  }
  const setDisabled = async (id: ScheduleId, disabled: boolean): Promise<ScheduleRow> => {
    const schedule = await store.schedules.setDisabled(id, disabled)
    if (schedule === undefined) throw new NotFound(`schedule id=${id}`)
    return schedule
  }

  app.get(
    '/api/schedules',
    {
      schema: {
        tags,
        summary: 'List schedules, oldest first',
        querystring: Type.Object({ last_id }),
        response: { 200: ScheduleList },
      },
    },
    async ({ query }) => {
      const found = await store.schedules.list({
        count: maxPageSize,
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { schedules: found.map(presentSchedule) }
    },
  )

  app.get(
    '/api/projects/:id/schedules',
    {
      schema: {
        tags,
        summary: "A project's schedules",
        params: ProjectParams,
        querystring: Type.Object({ workflow: Type.Optional(Type.String()), last_id }),
        response: { 200: ScheduleList, 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findProject(store, params.id)
      const found = await store.schedules.list({
        projectId: id,
        count: maxPageSize,
        ...(query.workflow === undefined ? {} : { workflowName: query.workflow }),
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { schedules: found.map(presentSchedule) }
    },
  )

  app.get(
    '/api/schedules/:id',
    {
      schema: {
        tags,
        summary: 'A schedule',
        params: ScheduleParams,
        response: { 200: Schedule, 404: ErrorAnswer },
      },
    },
    async ({ params }) => presentSchedule(await byId(params.id)),
  )

  app.post(
    '/api/schedules/:id/disable',
    {
      schema: {
        tags,
        summary: 'Disable a schedule',
        description: 'It starts nothing until it is enabled again; a push keeps it disabled.',
        params: ScheduleParams,
        response: { 200: ScheduleSummary, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      // First here: even if Temporal does not hear of it now, its ticks start nothing.
      const schedule = await setDisabled(params.id, true)
      await schedules.disable(schedule)
      return presentScheduleSummary(schedule)
    },
  )

  app.post(
    '/api/schedules/:id/enable',
    {
      schema: {
        tags,
        summary: 'Enable a schedule',
        params: ScheduleParams,
        response: { 200: ScheduleSummary, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      // First there: a schedule that says it is enabled runs.
      await schedules.enable(await byId(params.id))
      return presentScheduleSummary(await setDisabled(params.id, false))
    },
  )
}
