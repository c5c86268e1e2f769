import { Type, type Static } from 'typebox'
import type { Attempt as AttemptRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { Actor as ActorRow } from '#workflows/domain/actor.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { instant } from '../time.ts'
import { IdAndName, IdOf, IdText, idText, Instant, Json, Nullable, ZonedTime } from './common.ts'

export const AttemptParams = Type.Object({ id: IdOf<AttemptId>('session attempt') })

const ending = {
  retryAttemptName: Nullable(Type.String()),
  done: Type.Boolean(),
  success: Type.Boolean(),
  cancelRequested: Type.Boolean(),
  params: Json,
  createdAt: Instant,
  finishedAt: Nullable(Instant),
}

export const Actor = Type.Object(
  {
    kind: Type.Union(
      [
        Type.Literal('user'),
        Type.Literal('schedule'),
        Type.Literal('task'),
        Type.Literal('temporal'),
      ],
      { description: 'temporal: somebody in the UI or with the command of Temporal' },
    ),
    name: Type.Optional(Type.String()),
    through: Type.Optional(Type.String({ description: 'The program, by its own word' })),
    scheduleId: Type.Optional(IdText),
    attemptId: Type.Optional(IdText),
    taskId: Type.Optional(IdText),
  },
  { title: 'Actor', description: 'Who asked for it, and through what' },
)

const instantOf = (what: string) =>
  Type.String({
    format: 'date-time',
    description: `Only where ${what}, having been kept long enough`,
  })

export const Attempt = Type.Object(
  {
    status: Type.Union([
      Type.Literal('running'),
      Type.Literal('success'),
      Type.Literal('error'),
      Type.Literal('killed'),
    ]),
    id: IdText,
    index: Type.Integer({ description: '1, 2, … within the session' }),
    project: IdAndName,
    workflow: Type.Object({ name: Type.String(), id: IdText }),
    sessionId: IdText,
    sessionUuid: Type.String(),
    sessionTime: ZonedTime,
    temporalId: Type.Optional(
      Type.String({
        description: 'Of its workflow in Temporal',
        examples: ['shops/daily/2026-11-24T00:00:00+09:00/attempt-7'],
      }),
    ),
    stalled: Type.Optional(
      Type.Object(
        { since: Instant, tries: Type.Integer(), message: Type.String() },
        { description: 'Only while Temporal fails to go on with the attempt: since when, and why' },
      ),
    ),
    reason: Type.Optional(
      Type.Union(
        [
          Type.Literal('start'),
          Type.Literal('schedule'),
          Type.Literal('backfill'),
          Type.Literal('retry'),
          Type.Literal('require'),
        ],
        { description: 'Why it was started; absent of attempts from before this was written down' },
      ),
    ),
    startedBy: Type.Optional(Actor),
    killedBy: Type.Optional(Actor),
    logsRemovedAt: Type.Optional(instantOf('its logs were removed')),
    tasksRemovedAt: Type.Optional(instantOf('its tasks were removed')),
    ...ending,
  },
  { title: 'Attempt' },
)

/** What a start is answered with that started nothing. */
export const ExistingAttempt = Type.Object(
  {
    ...Attempt.properties,
    message: Type.String({ description: 'That nothing was started, and how to run it again' }),
    code: Type.Literal('ATTEMPT_EXISTS'),
  },
  { title: 'ExistingAttempt', description: 'The attempt that the session has already' },
)

export const presentActor = (actor: ActorRow): Static<typeof Actor> => {
  switch (actor.kind) {
    case 'user':
    case 'temporal':
      return actor
    case 'schedule':
      return { kind: 'schedule', scheduleId: idText(actor.scheduleId) }
    case 'task':
      return { kind: 'task', attemptId: idText(actor.attemptId), taskId: idText(actor.taskId) }
  }
}

/** An attempt as its session shows it. */
export const LastAttempt = Type.Object({ id: IdText, ...ending }, { title: 'LastAttempt' })

const Resume = Type.Object({
  mode: Type.Union([Type.Literal('failed'), Type.Literal('from')], {
    description: '"failed": all but the tasks that succeeded; "from": one task and all after it',
  }),
  attemptId: IdOf<AttemptId>('attempt to resume'),
  from: Type.Optional(
    Nullable(Type.String({ description: 'End of the full name of the task to start from' })),
  ),
})

const nameOf = (description: string) => Type.Optional(Type.String({ description }))

export const AttemptRequest = Type.Object(
  {
    workflowId: Type.Optional(IdOf<WorkflowId>('workflow')),
    project: nameOf("The project's name, with workflow instead of workflowId"),
    workflow: nameOf("The workflow's name"),
    revision: nameOf('Name of the revision to run; the newest if it is left out'),
    sessionTime: Type.String({
      description:
        "The session's time, with an offset (2026-11-24T00:00:00+09:00), or without one in the workflow's time zone (2026-11-24, 2026-11-24T00:00:00), or now",
      examples: ['2026-11-24T00:00:00+09:00'],
    }),
    retryAttemptName: Type.Optional(
      Nullable(
        Type.String({
          maxLength: 255,
          description: 'Not blank; needed for another attempt of a session that has one already',
        }),
      ),
    ),
    resume: Type.Optional(Nullable(Resume)),
    params: Type.Optional(
      Type.Unsafe<JsonObject>(Type.Record(Type.String(), Type.Unknown(), { default: {} })),
    ),
  },
  {
    title: 'AttemptRequest',
    examples: [{ project: 'hello', workflow: 'hello', sessionTime: 'now', params: {} }],
  },
)

export const AttemptHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'A repeated start with the same key answers the first attempt',
    }),
  ),
})

function status(attempt: AttemptRow): Static<typeof Attempt>['status'] {
  if (attempt.finishedAt === null) return 'running'
  if (attempt.success === true) return 'success'
  return attempt.cancelRequested ? 'killed' : 'error'
}

const presentEnding = (attempt: AttemptRow) => ({
  retryAttemptName: attempt.retryAttemptName,
  done: attempt.finishedAt !== null,
  success: attempt.success === true,
  cancelRequested: attempt.cancelRequested,
  params: attempt.params,
  createdAt: instant(attempt.createdAt),
  finishedAt: attempt.finishedAt && instant(attempt.finishedAt),
})

export const presentAttempt = (attempt: AttemptRow): Static<typeof Attempt> => ({
  status: status(attempt),
  id: idText(attempt.id),
  index: attempt.index,
  project: { id: idText(attempt.projectId), name: attempt.projectName },
  workflow: { name: attempt.workflowName, id: idText(attempt.workflowId) },
  sessionId: idText(attempt.sessionId),
  sessionUuid: attempt.sessionUuid,
  sessionTime: formatSessionTime(attempt.sessionTime, attempt.timezone),
  temporalId: attempt.temporalId,
  ...(attempt.stalled === null || attempt.finishedAt !== null ? {} : { stalled: attempt.stalled }),
  ...(attempt.reason === null ? {} : { reason: attempt.reason }),
  ...(attempt.actor === null ? {} : { startedBy: presentActor(attempt.actor) }),
  ...(attempt.canceledBy === null ? {} : { killedBy: presentActor(attempt.canceledBy) }),
  ...(attempt.logsRemovedAt === null ? {} : { logsRemovedAt: instant(attempt.logsRemovedAt) }),
  ...(attempt.tasksRemovedAt === null ? {} : { tasksRemovedAt: instant(attempt.tasksRemovedAt) }),
  ...presentEnding(attempt),
})

export const presentLastAttempt = (attempt: AttemptRow): Static<typeof LastAttempt> => ({
  id: idText(attempt.id),
  ...presentEnding(attempt),
})
