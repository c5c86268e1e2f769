import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { LockedSchedule } from '#store/locked-schedule.ts'
import type { Schedule as ScheduleRow } from '#store/types.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { actorOf } from '../actor.ts'
import { NotFound, RequestInvalid } from '../errors.ts'
import { pageSize } from '../page-size.ts'
import { backfill, plannedBackfill } from '../schedules/backfill.ts'
import { skip, skippedTo, type SkipTarget } from '../schedules/skip.ts'
import { ErrorAnswer, IdOf, maxPageSize, PageSize } from '../schemas/common.ts'
import { ProjectParams } from '../schemas/project.ts'
import {
  BackfillRequest,
  EnableRequest,
  presentSchedule,
  presentScheduleAttempts,
  presentScheduleSummary,
  presentSkipped,
  Schedule,
  ScheduleAttempts,
  ScheduleParams,
  ScheduleSummary,
  SkippedSessions,
  SkipRequest,
} from '../schemas/schedule.ts'
import type { AttemptControl } from '../temporal/attempts.ts'
import type { CatchUp } from '../temporal/catch-up.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import { readInstant, readTime } from '../time.ts'
import { findProject, findProjectByName } from './lookup.ts'

interface Needs {
  readonly store: Store
  readonly schedules: ScheduleControl
  readonly control: Pick<AttemptControl, 'start'>
  readonly catchUp: Pick<CatchUp, 'soon'>
  readonly now: () => Date
}

const tags = ['schedules']
const ScheduleList = Type.Object({ schedules: Type.Array(Schedule) })
const last_id = Type.Optional(IdOf<ScheduleId>('last schedule of the page before'))

export const scheduleRoutes: FastifyPluginAsyncTypebox<Needs> = async (
  app,
  { store, schedules, control, catchUp, now },
) => {
  const notFound = (id: ScheduleId) => new NotFound(`schedule id=${id}`)
  const byId = async (id: ScheduleId): Promise<ScheduleRow> => {
    const schedule = await store.schedules.find(id)
    if (schedule === undefined) throw notFound(id)
    return schedule
  }
  /** All that a request changes of a schedule, or nothing of it. */
  const decided = async <Result>(
    id: ScheduleId,
    decide: (locked: LockedSchedule) => Promise<Result>,
  ): Promise<Result> => {
    const result = await store.schedules.locked(id, async (locked) => ({
      is: await decide(locked),
    }))
    if (result === undefined) throw notFound(id)
    return result.is
  }

  app.get(
    '/api/schedules',
    {
      schema: {
        tags,
        summary: 'List schedules, oldest first',
        querystring: Type.Object({
          project: Type.Optional(Type.String({ description: "The project's name" })),
          workflow: Type.Optional(Type.String({ description: "The workflow's name" })),
          last_id,
        }),
        response: { 200: ScheduleList, 404: ErrorAnswer },
      },
    },
    async ({ query }) => {
      const { project, workflow } = query
      const of = project === undefined ? undefined : await findProjectByName(store, project)
      const found = await store.schedules.list({
        count: maxPageSize,
        ...(of === undefined ? {} : { projectId: of.id }),
        ...(workflow === undefined ? {} : { workflowName: workflow }),
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
        description:
          'It starts nothing until it is enabled again; a push keeps it disabled. What falls due meanwhile runs then.',
        params: ScheduleParams,
        response: { 200: ScheduleSummary, 404: ErrorAnswer },
      },
    },
    async ({ params, headers }) => {
      // First here: even if Temporal does not hear of it now, its ticks start nothing.
      const schedule = await store.schedules.disable(params.id, actorOf({ headers }))
      if (schedule === undefined) throw notFound(params.id)
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
        description:
          'Sessions that fell due while it was disabled run now, or are passed with skipSchedule.',
        params: ScheduleParams,
        body: EnableRequest,
        response: { 200: ScheduleSummary, 400: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ params: { id }, body, headers }) => {
      const skips = body.skipSchedule ?? false
      if (body.nextTime != null && !skips) {
        throw new RequestInvalid(
          'nextTime is where to go on instead of what fell due: it needs "skipSchedule": true',
        )
      }
      const at = now()
      const target = ({ definition }: ScheduleRow): SkipTarget => ({
        from: body.nextTime == null ? at : readTime('nextTime', body.nextTime, definition.timezone),
      })
      const found = await byId(id)
      if (skips) skippedTo(found, target(found))
      // First there: a schedule that says it is enabled runs.
      await schedules.enable(found)
      await decided(id, async (locked) => {
        if (skips) await skip(locked, target(locked.schedule), actorOf({ headers }))
        await locked.enable(at)
      })
      await catchUp.soon([id])
      return presentScheduleSummary(await byId(id))
    },
  )

  app.post(
    '/api/schedules/:id/skip',
    {
      schema: {
        tags,
        summary: 'Pass over the next sessions of a schedule',
        description:
          'The schedule goes on with a later session; /api/schedules/{id}/skipped_sessions shows those that will not run, and who wanted it.',
        params: ScheduleParams,
        body: SkipRequest,
        response: { 200: ScheduleSummary, 400: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ params: { id }, body, headers }) => {
      const { count, fromTime, nextTime, nextRunTime, dryRun } = body
      if ((count == null) === (nextTime == null)) {
        throw new RequestInvalid(
          'Say how many sessions to pass with count, or where to go on with nextTime: one of them',
        )
      }
      if (fromTime != null && nextTime != null) {
        throw new RequestInvalid(
          'fromTime is where count begins, and there is no count: leave it out',
        )
      }
      const target = ({ definition }: ScheduleRow): SkipTarget => ({
        ...(nextTime == null
          ? {
              from: fromTime == null ? now() : readInstant('fromTime', fromTime),
              count: count ?? 0,
            }
          : { from: readTime('nextTime', nextTime, definition.timezone) }),
        ...(nextRunTime == null ? {} : { runTime: readInstant('nextRunTime', nextRunTime) }),
      })
      const moved = await decided(id, async (locked) => {
        const { schedule } = locked
        if (!dryRun) return skip(locked, target(schedule), actorOf({ headers }))
        const { sessionTime, runTime } = skippedTo(schedule, target(schedule))
        return { ...schedule, nextSessionTime: sessionTime, nextRunTime: runTime }
      })
      return presentScheduleSummary(moved)
    },
  )

  app.post(
    '/api/schedules/:id/backfill',
    {
      schema: {
        tags,
        summary: 'Run sessions again, or for the first time, that a schedule has passed',
        description:
          'Each session has one attempt of the name given. They run one after the other, each once the one before has ended.',
        params: ScheduleParams,
        body: BackfillRequest,
        response: { 200: ScheduleAttempts, 400: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ params: { id }, body, headers }) => {
      const { fromTime, attemptName, count, dryRun } = body
      const wanted = {
        from: readInstant('fromTime', fromTime),
        attemptName,
        actor: actorOf({ headers }),
        ...(count == null ? {} : { count }),
      }
      const { schedule, attempts } = await decided(id, async (locked) => ({
        schedule: locked.schedule,
        attempts: await (dryRun ? plannedBackfill : backfill)(locked, wanted),
      }))
      // The others wait for their turn.
      const [first] = attempts
      if (!dryRun && first !== undefined) void control.start(first)
      return presentScheduleAttempts(schedule, attempts)
    },
  )

  app.get(
    '/api/schedules/:id/skipped_sessions',
    {
      schema: {
        tags,
        summary: 'Sessions that a schedule has passed without an attempt, newest first',
        params: ScheduleParams,
        querystring: Type.Object({
          last_id: Type.Optional(IdOf<number>('last row of the page before')),
          page_size: Type.Optional(PageSize),
        }),
        response: {
          200: Type.Object({ skippedSessions: Type.Array(SkippedSessions) }),
          400: ErrorAnswer,
          404: ErrorAnswer,
        },
      },
    },
    async ({ params, query }) => {
      const schedule = await byId(params.id)
      const found = await store.skippedSessions.list({
        scheduleId: schedule.id,
        count: pageSize(query.page_size),
        ...(query.last_id === undefined ? {} : { lastId: query.last_id }),
      })
      return { skippedSessions: found.map((one) => presentSkipped(one, schedule)) }
    },
  )
}
