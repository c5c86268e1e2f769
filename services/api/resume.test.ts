import { expect, test } from 'vitest'
import type { Attempt, Task } from '#store/types.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { TaskState } from '#workflows/domain/task-state.ts'
import { checkResume } from './resume.ts'

const attemptId = 7 as AttemptId
const attempt = (success: boolean | null) =>
  ({
    id: attemptId,
    success,
    finishedAt: success === null ? null : new Date(0),
    tasksRemovedAt: null,
  }) as Attempt

const task = (
  id: number,
  parent: number | null,
  fullName: string,
  state: TaskState,
  upstreams: readonly number[] = [],
) => ({ id: id as TaskId, parentId: parent as TaskId | null, fullName, state, upstreams }) as Task

const tasks = [
  task(1, null, '+main', 'group_error'),
  task(2, 1, '+main+load', 'success'),
  task(3, 1, '+main+group', 'group_error', [2]),
  task(4, 3, '+main+group+a', 'success'),
  task(5, 3, '+main+group+b', 'error', [4]),
  task(6, 1, '+main+report', 'blocked', [3]),
]
const from = (pattern: string, of = tasks) =>
  checkResume({ mode: 'from', attemptId, from: pattern }, attempt(false), of)

test('a failed attempt can be resumed from its failed tasks, and from any task before', () => {
  expect(() => checkResume({ mode: 'failed', attemptId }, attempt(false), tasks)).not.toThrow()
  for (const name of ['+load', '+group', '+a', '+group+b']) expect(() => from(name)).not.toThrow()
})

test('an attempt whose tasks retention took away cannot be resumed, and it is said why', () => {
  const gone = { ...attempt(false), tasksRemovedAt: new Date('2026-03-05T00:00:00Z') }
  expect(() => checkResume({ mode: 'failed', attemptId }, gone, [])).toThrow(
    'The tasks of attempt 7 were removed on 2026-03-05T00:00:00Z, as SUIRO_RETENTION says',
  )
})

test('what succeeded, or runs still, cannot be resumed', () => {
  const resume = { mode: 'failed', attemptId } as const
  expect(() => checkResume(resume, attempt(true), tasks)).toThrow('nothing to resume')
  expect(() => checkResume(resume, attempt(null), tasks)).toThrow('still running')
})

test('a pattern must name exactly one task', () => {
  expect(() => from('+nope')).toThrow("Task pattern '+nope' doesn't match with any tasks.")
  expect(() => from('')).toThrow("doesn't match")
  const twins = [...tasks, task(9, 3, '+main+group+load', 'success')]
  expect(() => from('+load', twins)).toThrow('ambiguous: +main+load, +main+group+load')
})

test('everything before the task must have succeeded, groups and their tasks too', () => {
  expect(() => from('+report')).toThrow('did not succeed: +main+group, +main+group+b')
})

test('of a retried group only the last round counts', () => {
  const retried = [
    ...tasks.filter(({ fullName }) => fullName !== '+main+group'),
    task(3, 1, '+main+group', 'success', [2]),
    task(10, 3, '+main+group+a', 'success'),
    task(11, 3, '+main+group+b', 'success', [10]),
  ]
  expect(() => from('+report', retried)).not.toThrow()
})
