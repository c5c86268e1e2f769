import { expect, test } from 'vitest'
import { verdictOn, type WorkflowSeen } from './verdict.ts'

const now = new Date('2026-03-05T12:00:00Z')
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000)

const attempt = { cancelRequested: false }
const killed = { cancelRequested: true }
const running: WorkflowSeen = { workflowId: 'attempt-1', cancelRequested: false }
const failing = (seconds: number, nondeterministic = true): WorkflowSeen => ({
  ...running,
  failing: { since: ago(seconds).toISOString(), tries: 5, message: 'no', nondeterministic },
})
const closed = (
  how: NonNullable<WorkflowSeen['closed']>['how'],
  seconds: number,
): WorkflowSeen => ({
  ...running,
  closed: { how, at: ago(seconds) },
})

test('an attempt whose workflow runs is left alone', () => {
  expect(verdictOn(attempt, [running, running], now)).toEqual({ kind: 'fine' })
})

test('a kill that has not reached the workflow is delivered', () => {
  expect(verdictOn(killed, [running], now)).toEqual({ kind: 'cancel' })
  expect(verdictOn(killed, [{ ...running, cancelRequested: true }], now)).toEqual({ kind: 'fine' })
})

test('a workflow that has just closed may still write its end', () => {
  expect(verdictOn(attempt, [closed('completed', 3)], now)).toEqual({ kind: 'fine' })
})

test.each([
  ['terminated', true],
  ['canceled', true],
  ['failed', false],
  ['completed', false],
  ['timed out', false],
  ['gone', false],
] as const)('an open attempt whose workflow is %s ends, killed: %s', (how, isKilled) => {
  expect(verdictOn(attempt, [closed(how, 700)], now)).toMatchObject({
    kind: 'abandon',
    killed: isKilled,
  })
})

test('what Temporal does not know may be another Temporal: it is left alone for ten minutes', () => {
  expect(verdictOn(attempt, [closed('gone', 590)], now)).toEqual({ kind: 'fine' })
  expect(verdictOn(attempt, [closed('gone', 610)], now)).toMatchObject({ kind: 'abandon' })
})

test('an attempt that was canceled in Temporal is known to be so before it has ended', () => {
  const canceled = { ...running, cancelRequested: true }
  expect(verdictOn(attempt, [canceled], now)).toEqual({ kind: 'canceled' })
  expect(verdictOn(killed, [canceled], now)).toEqual({ kind: 'fine' })
})

test('a failing workflow task is reported; one that no code can replay ends its attempt in the end', () => {
  expect(verdictOn(attempt, [failing(60)], now)).toMatchObject({
    kind: 'stalled',
    stall: { tries: 5, message: 'no' },
  })
  expect(verdictOn(attempt, [failing(121)], now)).toMatchObject({ kind: 'abandon', killed: false })
  // A bug that a new version may fix.
  expect(verdictOn(attempt, [failing(86_400, false)], now)).toMatchObject({ kind: 'stalled' })
})

test('a killed attempt does not wait for a workflow, or a branch, that cannot go on', () => {
  expect(verdictOn(killed, [running, failing(5, false)], now)).toMatchObject({ kind: 'stalled' })
  expect(verdictOn(killed, [running, failing(11, false)], now)).toMatchObject({
    kind: 'abandon',
    killed: true,
  })
})
