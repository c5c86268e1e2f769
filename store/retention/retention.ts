import type { Pool } from 'pg'
import { takeTurn } from '../turns.ts'
import { dropLogPartitions, prepareLogPartitions } from './log-partitions.ts'
import { whatIsDue, type Due } from './plan.ts'
import type { RetainedKind, RetentionPolicy } from './policy.ts'
import {
  removeArchives,
  removeAttempts,
  removeLogs,
  removeProjects,
  removeRevisions,
  removeSkippedSessions,
  removeTasks,
  removeUsages,
  type RetentionStep,
} from './steps.ts'

/** What one step took away: rows of the kind's own noun, attempts for logs and tasks. */
export interface Removed {
  readonly what: string
  readonly count: number
}

export interface Retention {
  /** Whether it is this process's turn: once in that time among all of them. */
  takeTurn(everySeconds: number): Promise<boolean>
  /** What would go. */
  due(policy: RetentionPolicy): Promise<Readonly<Record<RetainedKind, Due>>>
  /** Takes away what is due, step by step, for as long as somebody asks for the next one. */
  steps(policy: RetentionPolicy): AsyncIterable<Removed>
}

/** In an order in which nothing names what went before it. */
const kinds: readonly (readonly [what: string, step: RetentionStep])[] = [
  ['logs of attempts', removeLogs],
  ['tasks of attempts', removeTasks],
  ['usages', removeUsages],
  ['attempts', removeAttempts],
  ['skipped sessions', removeSkippedSessions],
  ['archives', removeArchives],
  ['revisions', removeRevisions],
  ['deleted projects', removeProjects],
]

export const createRetention = (pool: Pool): Retention => ({
  takeTurn: (everySeconds) => takeTurn(pool, 'retention', everySeconds),
  due: (policy) => whatIsDue(pool, policy),
  async *steps(policy) {
    await prepareLogPartitions(pool)
    const dropped = await dropLogPartitions(pool, policy)
    if (dropped > 0) yield { what: 'partitions of logs', count: dropped }
    for (const [what, step] of kinds) {
      for (;;) {
        const count = await step(pool, policy)
        if (count === 0) break
        yield { what, count }
      }
    }
  },
})
