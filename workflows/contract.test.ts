import { expect, test } from 'vitest'
import {
  attemptPrefix,
  branchWorkflowId,
  idOfTemporalSchedule,
  temporalScheduleId,
  type BranchInput,
} from './contract.ts'
import type { AttemptId, ScheduleId, TaskId } from './domain/ids.ts'

const branch: BranchInput = {
  attemptId: 7 as AttemptId,
  parentId: 91 as TaskId,
  parentName: '+daily+each',
  round: 0,
  from: 200,
  count: 200,
  layers: [],
}

test('branches go by their attempt, also those within another branch', () => {
  const attempt = 'shops/daily/2026-11-24T00:00:00+09:00/attempt-7'
  const named = { ...branch, namedSteps: true } as const
  const first = branchWorkflowId(attempt, named)
  expect(first).toBe(`${attempt}/branch-91-0-200`)
  expect(branchWorkflowId(first, { ...named, parentId: 95 as TaskId })).toBe(
    `${attempt}/branch-95-0-200`,
  )
  // Of an attempt that the release before began.
  expect(branchWorkflowId('attempt-7', branch)).toBe('attempt-7/branch-91-0-200')
})

test('however long names are, an id fits into the 255 characters of Temporal’s databases', () => {
  const long = '店'.repeat(255)
  const prefix = attemptPrefix(long, long, '2026-11-24T00:00:00+09:00')
  const id = branchWorkflowId(`${prefix}/attempt-123456789012`, {
    ...branch,
    namedSteps: true,
    parentId: 123_456_789_012 as TaskId,
    round: 10_000,
    from: 50_000,
  })
  expect(id.length).toBeLessThan(255)
})

test('a schedule is found by its id in Temporal, of this release and of the one before', () => {
  const id = 4 as ScheduleId
  const temporalId = temporalScheduleId({ id, projectName: 'shops', workflowName: 'daily' })
  expect(temporalId).toBe('shops/daily/schedule-4')
  expect(idOfTemporalSchedule(temporalId)).toBe(4)
  expect(idOfTemporalSchedule('schedule-4')).toBe(4)
  expect(idOfTemporalSchedule('somebody-elses')).toBeUndefined()
})
