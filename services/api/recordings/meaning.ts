import { isObject } from '#workflows/domain/json.ts'

/** What the user sees of an answer, and what buttons depend on: the same in every run. */
const telling: ReadonlySet<string> = new Set([
  'name',
  'revision',
  'sessionTime',
  'retryAttemptName',
  'done',
  'success',
  'cancelRequested',
  'status',
  'code',
  'nextRunTime',
  'nextScheduleTime',
])

/** An answer's fields that tell something, every entry of its lists; of tasks and log files only that there are some. */
export function meaningOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaningOf)
  if (!isObject(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (telling.has(key)) return [[key, inner]]
      if (key === 'tasks' || key === 'files') return [[key, isFilled(inner)]]
      if (key === 'disabledAt') return [[key, inner === null ? 'enabled' : 'paused']]
      const nested = nestedOnes.has(key) ? meaningOf(inner) : undefined
      return nested === undefined ? [] : [[key, nested]]
    }),
  )
}

const nestedOnes: ReadonlySet<string> = new Set([
  'projects',
  'workflows',
  'sessions',
  'attempts',
  'schedules',
  'project',
  'workflow',
  'lastAttempt',
])

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0
