import { expect, test } from 'vitest'
import type { WorkflowSeen } from '../watch/verdict.ts'
import { strandedIn } from './stranded.ts'

const seen = (workflowId: string, more: Partial<WorkflowSeen> = {}): WorkflowSeen => ({
  workflowId,
  cancelRequested: false,
  ...more,
})

test('only what belongs to a version whose workers are gone is stranded', () => {
  const gone = new Set(['old'])
  const all = [
    seen('attempt-1', { version: 'old' }),
    seen('attempt-1/branch-2', { version: 'new' }),
    seen('attempt-1/branch-3', { version: 'old' }),
    seen('attempt-1/branch-4', { version: 'old', closed: { how: 'completed', at: new Date(0) } }),
    // It came a moment ago, and nobody here has heard of it yet.
    seen('attempt-1/branch-5', { version: 'just coming' }),
    seen('attempt-1/branch-6'),
  ]
  expect(strandedIn(all, gone)).toEqual(['attempt-1', 'attempt-1/branch-3'])
  expect(strandedIn(all, new Set())).toEqual([])
  expect(strandedIn(all, undefined)).toEqual([])
})
