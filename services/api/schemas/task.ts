import { Type, type Static } from 'typebox'
import type { Task as TaskRow, Usage as UsageRow } from '#store/types.ts'
import { merge } from '#workflows/domain/json.ts'
import { isKilled, taskStates } from '#workflows/domain/task-state.ts'
import { instant } from '../time.ts'
import { IdText, idText, Instant, Json, Nullable } from './common.ts'
import { BigQuerySum, bigQuerySum, presentUsage, Usage } from './usage.ts'
import { taskErrorCodes } from '#workflows/domain/task-error.ts'

export const Task = Type.Object(
  {
    id: IdText,
    fullName: Type.String(),
    parentId: Nullable(IdText),
    config: Json,
    upstreams: Type.Array(IdText),
    state: Type.String({ enum: [...taskStates] }),
    cancelRequested: Type.Boolean(),
    exportParams: Json,
    storeParams: Json,
    stateParams: Json,
    updatedAt: Instant,
    retryAt: Nullable(Instant),
    startedAt: Nullable(Instant),
    error: Json,
    errorCode: Type.Optional(
      Type.String({
        enum: Object.keys(taskErrorCodes),
        description: 'Why it failed, in a word; absent where it did not',
      }),
    ),
    isGroup: Type.Boolean(),
    finishedAt: Nullable(Instant),
    bigquery: Nullable(BigQuerySum),
    usages: Type.Array(Usage),
  },
  { title: 'Task' },
)

export const presentTask = (
  task: TaskRow,
  attempt: { readonly cancelRequested: boolean },
  /** The task's own, in the order in which they began. */
  usages: readonly UsageRow[],
  /** Rounds of a group after its first. */
  rounds = 0,
): Static<typeof Task> => ({
  id: idText(task.id),
  fullName: task.fullName,
  parentId: task.parentId === null ? null : idText(task.parentId),
  config: task.config,
  upstreams: task.upstreams.map(idText),
  state: task.state,
  cancelRequested: attempt.cancelRequested && isKilled(task.state),
  exportParams: merge(task.exports, task.exported),
  storeParams: task.stored,
  stateParams: { ...task.operatorState, ...retryCount(task, rounds) },
  updatedAt: instant(task.updatedAt),
  retryAt: task.retryAt && instant(task.retryAt),
  // It ran in the attempt that it was taken from.
  startedAt: task.resumed ? null : task.startedAt && instant(task.startedAt),
  error: task.error ?? {},
  ...(task.errorCode === null ? {} : { errorCode: task.errorCode }),
  isGroup: task.operator === null,
  finishedAt: task.finishedAt && instant(task.finishedAt),
  bigquery: bigQuerySum(usages),
  usages: usages.map(presentUsage),
})

/** How often `_retry` has granted another run, as Digdag counts: also the one that is waited for. */
function retryCount(
  { operator, state, retries, error }: TaskRow,
  rounds: number,
): { readonly retry_count?: number } {
  // An operator that asks to be called again waits as well, but for no error.
  const waits = state === 'group_retry_waiting' || (state === 'retry_waiting' && error !== null)
  const count = (operator === null ? rounds : retries) + (waits ? 1 : 0)
  return count === 0 ? {} : { retry_count: count }
}
