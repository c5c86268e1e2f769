import { Type, type Static } from 'typebox'
import type { EndedTry } from '#store/task-tries.ts'
import type { LogFile as LogFileRow, Task as TaskRow, Usage as UsageRow } from '#store/types.ts'
import { taskErrorCodes } from '#workflows/domain/task-error.ts'
import { taskStates, type TaskState } from '#workflows/domain/task-state.ts'
import { instant } from '../time.ts'
import { Instant, Json, Nullable } from './common.ts'
import { LogFile, presentLogFile } from './log.ts'
import { Task } from './task.ts'
import { presentUsage, Usage } from './usage.ts'

export const TaskTry = Type.Object(
  {
    try: Type.Integer({ description: '1 is the first' }),
    state: Type.String({
      enum: [...taskStates],
      description:
        'How it ended, or stands: of a try that another one follows error or group_error',
    }),
    startedAt: Instant,
    endedAt: Nullable(Instant),
    error: Json,
    errorCode: Type.Optional(Type.String({ enum: Object.keys(taskErrorCodes) })),
    logs: Type.Array(LogFile, {
      description: 'A file for each of its runs: a poll is one more, and so is a lost worker',
    }),
    usages: Type.Array(Usage),
  },
  { title: 'TaskTry' },
)

export const TaskWithTries = Type.Object(
  {
    ...Task.properties,
    tries: Type.Array(TaskTry, {
      description:
        'The first one first. Those before the last are known from the release on that writes them down; of a group there are none, its rounds are tasks of their own',
    }),
  },
  { title: 'TaskWithTries' },
)

type SizedLogFile = LogFileRow & { readonly size: number }

type Try = Omit<EndedTry, 'state' | 'endedAt'> & {
  readonly state: TaskState
  readonly endedAt: Date | null
}

/** All tries of a task, each with the logs and the jobs that are its own. */
export function presentTries(
  task: TaskRow,
  before: readonly EndedTry[],
  files: readonly SizedLogFile[],
  usages: readonly UsageRow[],
): Static<typeof TaskTry>[] {
  const last = lastTry(task)
  // The row may have been read before the try that it tells of was followed by another one.
  const ended = before.filter(({ retries }) => retries < task.retries)
  const tries: readonly Try[] = last === undefined ? ended : [...ended, last]
  return tries.map((one, place) => ({
    try: one.retries + 1,
    state: one.state,
    startedAt: instant(one.startedAt),
    endedAt: one.endedAt && instant(one.endedAt),
    error: one.error ?? {},
    ...(one.errorCode === null ? {} : { errorCode: one.errorCode }),
    logs: files.filter((file) => tryOf(file, tries) === place).map(presentLogFile),
    usages: usages.filter(({ retries }) => retries === one.retries).map(presentUsage),
  }))
}

/** What the task's row tells of; nothing where the task has not begun, or not here. */
function lastTry(task: TaskRow): Try | undefined {
  const { operator, startedAt, resumed, retries, error, errorCode } = task
  if (operator === null || startedAt === null || resumed) return undefined
  const state = endedAs(task)
  const endedAt = task.finishedAt ?? (state === undefined ? null : task.updatedAt)
  return { retries, state: state ?? task.state, startedAt, endedAt, error, errorCode }
}

/** Of a try whose task waits for the next one. (Without an error it waits to be called again, and goes on.) */
function endedAs({ state, error }: TaskRow): 'error' | 'group_error' | undefined {
  if (state === 'group_retry_waiting') return 'group_error'
  return state === 'retry_waiting' && error !== null ? 'error' : undefined
}

/**
 * A log's first line is written after the end of the try before, and its file has no number of a try: so it is that of
 * the first try which had not ended then.
 */
function tryOf({ createdAt }: SizedLogFile, tries: readonly Try[]): number {
  const place = tries.findIndex(({ endedAt }) => endedAt === null || createdAt <= endedAt)
  return place === -1 ? tries.length - 1 : place
}
