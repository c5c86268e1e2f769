import { CancelledFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { interruptionOf } from './interruption.ts'

test('a kill ends the task; whatever else Temporal says, another worker goes on', () => {
  expect(interruptionOf(new AbortController().signal)).toBeUndefined()
  expect(interruptionOf(AbortSignal.abort(new CancelledFailure('CANCELLED')))).toBe('killed')
  expect(interruptionOf(AbortSignal.abort(new Error('aborted by hand')))).toBe('killed')
  for (const reason of ['WORKER_SHUTDOWN', 'TIMED_OUT', 'NOT_FOUND', 'RESET', 'PAUSED']) {
    expect(interruptionOf(AbortSignal.abort(new CancelledFailure(reason)))).toBe('moved')
  }
})
