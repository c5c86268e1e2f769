import { Type, type Static } from 'typebox'
import type { SkipReason } from '#store/skipped-sessions.ts'
import type { Attempt as AttemptRow, Schedule as ScheduleRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import { taskErrorCodes, type TaskErrorCode } from '#workflows/domain/task-error.ts'
import type { Counted, Missed, Overview as OverviewRows } from '../overview/overview.ts'
import type { Late as LateRow } from '../overview/late.ts'
import { instant } from '../time.ts'
import { Actor, presentActor } from './attempt.ts'
import { IdAndName, IdText, idText, Instant, Nullable, ZonedTime } from './common.ts'

export const OverviewQuery = Type.Object({
  hours: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 168,
      default: 24,
      description: 'So many hours back for what happened, and ahead for what comes',
    }),
  ),
  project: Type.Optional(Type.String({ description: 'Only of the project of this name' })),
})

const session = {
  project: IdAndName,
  workflow: Type.Object({ name: Type.String(), id: IdText }),
  sessionTime: ZonedTime,
}
const attempt = { attempt: IdText, ...session }
const scheduled = { schedule: IdText, ...session }

const Cause = Type.Object(
  {
    task: Type.String({ description: "The task's full name" }),
    message: Type.String(),
    code: Nullable(
      Type.Unsafe<TaskErrorCode>({ type: 'string', enum: Object.keys(taskErrorCodes) }),
    ),
  },
  { description: 'The first task that failed; absent where its tasks were not kept' },
)

const late = { dueAt: Type.String({ format: 'date-time', description: 'Late since then' }) }

export const Overview = Type.Object(
  {
    since: Instant,
    now: Instant,
    until: Instant,
    counts: Type.Object(
      {
        failed: Type.Integer(),
        killed: Type.Integer(),
        mended: Type.Integer({
          description:
            'Sessions that failed or were killed, and of which a later attempt succeeded',
        }),
        late: Type.Integer(),
        running: Type.Integer(),
        waiting: Type.Integer(),
        expected: Type.Integer({
          description: 'Of the list: `more` says whether there are others',
        }),
        missed: Type.Integer(),
      },
      { description: 'All there are; the lists have at most 100 each' },
    ),
    more: Type.Array(Type.String(), { description: 'Lists that go on' }),
    failed: Type.Array(
      Type.Object({ ...attempt, finishedAt: Instant, cause: Type.Optional(Cause) }),
      {
        description:
          'Attempts that failed since then and that no other attempt of their session followed, the last one first',
      },
    ),
    killed: Type.Array(
      Type.Object({ ...attempt, finishedAt: Instant, killedBy: Type.Optional(Actor) }),
      { description: 'The same of attempts that somebody killed' },
    ),
    late: Type.Array(
      Type.Union([
        Type.Object({ why: Type.Literal('sla'), ...attempt, ...late }),
        Type.Object({
          why: Type.Literal('longer_than_usual'),
          ...attempt,
          ...late,
          usualSeconds: Type.Integer({ description: 'Median of the last ten that succeeded' }),
        }),
        Type.Object({ why: Type.Literal('not_started'), ...scheduled, ...late }),
      ]),
      {
        description:
          'sla: the sla of the workflow has passed. longer_than_usual: it runs three times as long as usual, and at least ten minutes longer. not_started: the schedule should have started it a minute ago',
      },
    ),
    running: Type.Array(
      Type.Object({
        ...attempt,
        startedAt: Instant,
        tasks: Type.Array(Type.String(), { description: 'Full names of tasks that run now' }),
      }),
      { description: 'The oldest first' },
    ),
    waiting: Type.Array(
      Type.Object({
        ...attempt,
        acceptedAt: Instant,
        after: Type.Optional(
          Type.String({ description: 'The attempt of the same backfill that comes before it' }),
        ),
      }),
      { description: 'Accepted and not started, the oldest first' },
    ),
    expected: Type.Array(Type.Object({ ...scheduled, runTime: Instant }), {
      description: 'What schedules will start, in the order of time',
    }),
    missed: Type.Array(
      Type.Object({
        schedule: IdText,
        project: IdAndName,
        workflow: IdAndName,
        from: Type.String({ format: 'date-time', description: 'The first session' }),
        until: Type.String({
          format: 'date-time',
          description: 'The first session that is not one of them any more',
        }),
        reason: Type.Unsafe<'disabled' | SkipReason>({
          type: 'string',
          enum: ['disabled', 'overtime', 'delayed', 'missed', 'skipped', 'push'],
          description:
            'disabled: they are due, and run when the schedule is enabled. The others are those of skipped_sessions',
        }),
        skippedBy: Type.Optional(Actor),
      }),
      { description: 'Sessions of schedules that have no attempt' },
    ),
  },
  { title: 'Overview' },
)

type Shown = Static<typeof Overview>

export function presentOverview(rows: OverviewRows): Shown {
  const { failed, killed, late, running, waiting, expected, missed } = rows
  const counted = { failed, killed, late, running, waiting, missed }
  const more = Object.entries(counted).flatMap(([name, list]) => (goesOn(list) ? [name] : []))
  return {
    since: instant(rows.since),
    now: instant(rows.now),
    until: instant(rows.until),
    counts: {
      failed: failed.count,
      killed: killed.count,
      mended: rows.mendedCount,
      late: late.count,
      running: running.count,
      waiting: waiting.count,
      expected: expected.runs.length,
      missed: missed.count,
    },
    more: expected.more ? [...more, 'expected'] : more,
    failed: failed.items.map(({ attempt: row, cause }) => ({
      ...head(row),
      finishedAt: instant(row.finishedAt ?? rows.now),
      ...(cause === undefined ? {} : { cause }),
    })),
    killed: killed.items.map((row) => ({
      ...head(row),
      finishedAt: instant(row.finishedAt ?? rows.now),
      ...(row.canceledBy === null ? {} : { killedBy: presentActor(row.canceledBy) }),
    })),
    late: late.items.map(presentLate),
    running: running.items.map(({ attempt: row, tasks }) => ({
      ...head(row),
      startedAt: instant(row.startedAt ?? row.createdAt),
      tasks: [...tasks],
    })),
    waiting: waiting.items.map((row) => ({
      ...head(row),
      acceptedAt: instant(row.createdAt),
      ...(row.afterAttemptId === null ? {} : { after: idText(row.afterAttemptId) }),
    })),
    expected: expected.runs.map(({ schedule, sessionTime, runTime }) => ({
      ...scheduleHead(schedule),
      sessionTime: formatSessionTime(sessionTime, schedule.definition.timezone),
      runTime: instant(runTime),
    })),
    missed: missed.items.map(presentMissed),
  }
}

const goesOn = ({ items, count }: Counted<unknown>): boolean => count > items.length

const head = (row: AttemptRow) => ({
  attempt: idText(row.id),
  project: { id: idText(row.projectId), name: row.projectName },
  workflow: { name: row.workflowName, id: idText(row.workflowId) },
  sessionTime: formatSessionTime(row.sessionTime, row.timezone),
})

const scheduleHead = (schedule: ScheduleRow) => ({
  schedule: idText(schedule.id),
  project: { id: idText(schedule.projectId), name: schedule.projectName },
  workflow: { name: schedule.workflowName, id: idText(schedule.workflowId) },
})

function presentLate(late: LateRow): Shown['late'][number] {
  const dueAt = instant(late.dueAt)
  switch (late.why) {
    case 'sla':
      return { why: late.why, ...head(late.attempt), dueAt }
    case 'longer_than_usual':
      return { why: late.why, ...head(late.attempt), dueAt, usualSeconds: late.usualSeconds }
    case 'not_started': {
      const { nextSessionTime, definition } = late.schedule
      const sessionTime = formatSessionTime(nextSessionTime, definition.timezone)
      return { why: late.why, ...scheduleHead(late.schedule), sessionTime, dueAt }
    }
  }
}

function presentMissed(missed: Missed): Shown['missed'][number] {
  const { schedule } = missed
  const { from, until } = missed.reason === 'disabled' ? missed : missed.row
  const { timezone } = schedule.definition
  return {
    ...scheduleHead(schedule),
    from: formatSessionTime(from, timezone),
    until: formatSessionTime(until, timezone),
    ...(missed.reason === 'disabled'
      ? { reason: missed.reason }
      : { reason: missed.row.reason, skippedBy: presentActor(missed.row.actor) }),
  }
}
