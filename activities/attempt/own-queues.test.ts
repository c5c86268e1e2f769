import { expect, test } from 'vitest'
import type { Activities } from '#workflows/activities.ts'
import type { PlannedOperator, PlannedTask } from '#workflows/contract.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { createOwnQueues } from './own-queues.ts'

const task = (operator: string, more: Partial<PlannedOperator> = {}): PlannedOperator => ({
  id: 1 as TaskId,
  name: `+${operator}`,
  operator,
  upstreams: [],
  ...more,
})

const group: PlannedTask = {
  id: 2 as TaskId,
  name: '+g',
  upstreams: [],
  children: [task('slack'), task('sh'), task('crawl')],
}

const planning: Pick<Activities, 'openAttempt' | 'planBranch' | 'addTasks'> = {
  openAttempt: async () => ({
    root: group,
    project: 'p',
    workflow: 'w',
    sessionTime: '2001-01-05T00:00:00Z',
    params: {},
  }),
  planBranch: async () => [group],
  addTasks: async () => [task('slack')],
}

const queues = createOwnQueues([{ name: 'slack', queue: 'notify' }, { name: 'crawl' }])
const attemptId = 1 as AttemptId
const placed = {
  ...group,
  children: [task('slack', { queue: 'notify' }), task('sh'), task('crawl')],
}

test('a plan says where the operators of a team run that ask for a queue', async () => {
  const found = queues.in(planning)
  expect((await found.openAttempt({ attemptId })).root).toEqual(placed)
  const branch = { attemptId, parentId: group.id, round: 0, from: 0, count: 1 }
  expect(await found.planBranch(branch)).toEqual([placed])
  const what = { kind: 'error' } as const
  expect(await found.addTasks({ attemptId, parentId: group.id, what })).toEqual([
    task('slack', { queue: 'notify' }),
  ])
})

test('so does what an operator generated', () => {
  expect(queues.inOutcome({ kind: 'done', subtasks: group })).toEqual({
    kind: 'done',
    subtasks: placed,
  })
  expect(queues.inOutcome({ kind: 'done' })).toEqual({ kind: 'done' })
  expect(queues.inOutcome({ kind: 'again', afterSeconds: 1 })).toMatchObject({ afterSeconds: 1 })
})
