import { expect, test } from 'vitest'
import type { AttemptId, TaskId } from '../domain/ids.ts'
import { stepCall } from '../step.ts'
import { stepName } from './step-name.ts'

const attemptId = 1 as AttemptId
const run = (name: string, taskId = 2 as TaskId) =>
  stepCall('runTask', { attemptId, taskId, layers: [], retries: 0, polls: 0, version: 1 }, name)
const add = stepCall('addTasks', { attemptId, parentId: 2 as TaskId, what: { kind: 'error' } })

test('a step goes by the tasks that it carries, and else by what it does', () => {
  expect(stepName([run('+daily+load')])).toBe('+daily+load')
  expect(stepName([add, run('+daily+load'), run('+daily+check')])).toBe('+daily+load and 1 more')
  expect(stepName([stepCall('openAttempt', { attemptId })])).toBe('open the attempt')
  expect(stepName([add])).toBe('add tasks')
  expect(stepName([])).toBe('note states')
})

test('a name that is too long for a list is cut', () => {
  expect(stepName([run(`+${'x'.repeat(500)}`)])).toHaveLength(201)
})
