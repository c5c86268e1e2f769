import { Type, type Static } from 'typebox'
import type { SkippedSessions as SkippedRow } from '#store/skipped-sessions.ts'
import type { Attempt as AttemptRow, Schedule as ScheduleRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { instant } from '../time.ts'
import { Actor, Attempt, presentActor, presentAttempt } from './attempt.ts'
import { IdAndName, IdOf, IdText, idText, Instant, Nullable, ZonedTime } from './common.ts'

export const ScheduleParams = Type.Object({ id: IdOf<ScheduleId>('schedule') })

const times = {
  nextRunTime: Instant,
  nextScheduleTime: ZonedTime,
}

export const Schedule = Type.Object(
  {
    id: IdText,
    project: IdAndName,
    workflow: IdAndName,
    ...times,
    disabledAt: Nullable(Instant),
    disabledBy: Type.Optional(Actor),
  },
  { title: 'Schedule' },
)

export const ScheduleSummary = Type.Object(
  {
    id: IdText,
    project: IdAndName,
    workflow: IdAndName,
    ...times,
    createdAt: Instant,
    updatedAt: Instant,
    disabledAt: Nullable(Instant),
  },
  { title: 'ScheduleSummary' },
)

const dryRun = Type.Boolean({ description: 'true: answers what would be done, and does nothing' })
const anInstant = (what: string) =>
  Nullable(
    Type.String({
      description: `${what}, with an offset: 2026-11-24T00:00:00Z`,
      examples: ['2026-11-24T00:00:00Z'],
    }),
  )
const nextTime = Type.Optional(
  Nullable(
    Type.String({
      description:
        "The first session that runs at this time or later is the next one; with an offset, or without one in the workflow's time zone",
      examples: ['2026-11-24T00:00:00+09:00'],
    }),
  ),
)

export const SkipRequest = Type.Object(
  {
    count: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 0,
          maximum: 10_000,
          description: 'So many sessions are passed, counted from fromTime on; instead of nextTime',
        }),
      ),
    ),
    fromTime: Type.Optional(anInstant('Where count begins; now, if it is left out')),
    nextTime,
    nextRunTime: Type.Optional(
      anInstant('When the next session runs, if not at the time of its schedule'),
    ),
    dryRun,
  },
  { title: 'ScheduleSkipRequest', examples: [{ count: 1, dryRun: true }] },
)

export const EnableRequest = Type.Object(
  {
    skipSchedule: Type.Optional(
      Nullable(
        Type.Boolean({ description: 'true: what has fallen due meanwhile is passed, and not run' }),
      ),
    ),
    nextTime,
  },
  { title: 'ScheduleEnableRequest', examples: [{}] },
)

export const BackfillRequest = Type.Object(
  {
    fromTime: Type.String({
      description:
        'Sessions that should have run at this time or later, with an offset: 2026-11-24T00:00:00Z',
      examples: ['2026-11-24T00:00:00Z'],
    }),
    attemptName: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Retry name of each attempt; no session may have an attempt of that name',
    }),
    count: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 1,
          maximum: 1_000,
          description: 'Only so many, the earliest; all until the next session if it is left out',
        }),
      ),
    ),
    dryRun,
  },
  {
    title: 'ScheduleBackfillRequest',
    examples: [{ fromTime: '2026-11-24T00:00:00Z', attemptName: 'again', count: 1, dryRun: true }],
  },
)

export const ScheduleAttempts = Type.Object(
  { id: IdText, project: IdAndName, workflow: IdAndName, attempts: Type.Array(Attempt) },
  { title: 'ScheduleAttempts' },
)

export const SkippedSessions = Type.Object(
  {
    id: IdText,
    from: Type.String({ format: 'date-time', description: 'The first session that did not run' }),
    until: Type.String({
      format: 'date-time',
      description: 'The first session that is not one of them any more',
    }),
    reason: Type.Union(
      [
        Type.Literal('overtime'),
        Type.Literal('delayed'),
        Type.Literal('missed'),
        Type.Literal('skipped'),
        Type.Literal('push'),
      ],
      {
        description:
          'overtime, delayed: skip_on_overtime, skip_delayed_by. missed: nothing ran for too long. skipped: somebody passed over them. push: the schedule was changed',
      },
    ),
    skippedBy: Actor,
    createdAt: Instant,
  },
  { title: 'SkippedSessions' },
)

const head = (schedule: ScheduleRow) => ({
  id: idText(schedule.id),
  project: { id: idText(schedule.projectId), name: schedule.projectName },
  workflow: { id: idText(schedule.workflowId), name: schedule.workflowName },
  nextRunTime: instant(schedule.nextRunTime),
  nextScheduleTime: formatSessionTime(schedule.nextSessionTime, schedule.definition.timezone),
})

const disabledAt = (schedule: ScheduleRow) => schedule.disabledAt && instant(schedule.disabledAt)

export const presentSchedule = (schedule: ScheduleRow): Static<typeof Schedule> => ({
  ...head(schedule),
  disabledAt: disabledAt(schedule),
  ...(schedule.disabledBy === null ? {} : { disabledBy: presentActor(schedule.disabledBy) }),
})

export const presentScheduleAttempts = (
  schedule: ScheduleRow,
  attempts: readonly AttemptRow[],
): Static<typeof ScheduleAttempts> => {
  const { id, project, workflow } = head(schedule)
  return { id, project, workflow, attempts: attempts.map(presentAttempt) }
}

export const presentSkipped = (
  { id, from, until, reason, actor, createdAt }: SkippedRow,
  { definition: { timezone } }: ScheduleRow,
): Static<typeof SkippedSessions> => ({
  id: idText(id),
  from: formatSessionTime(from, timezone),
  until: formatSessionTime(until, timezone),
  reason,
  skippedBy: presentActor(actor),
  createdAt: instant(createdAt),
})

export const presentScheduleSummary = (schedule: ScheduleRow): Static<typeof ScheduleSummary> => ({
  ...head(schedule),
  createdAt: instant(schedule.createdAt),
  updatedAt: instant(schedule.updatedAt),
  disabledAt: disabledAt(schedule),
})
