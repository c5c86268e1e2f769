import type { BranchEnd, PlannedTask, WalkedTask } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import type { TaskState } from '../domain/task-state.ts'
import { noLayers, type Layers } from './layers.ts'
import type { Load } from './load.ts'
import type { Progress, Runtime, StateRecord, TaskFailedError } from './runtime.ts'

/** How a task ended. A task whose upstream failed never starts: it stays blocked, as in Digdag. */
export type Ending = 'success' | 'failed' | 'canceled' | 'blocked'

export interface Ended {
  readonly ending: Ending
  /** What tasks after it see of it: its stored parameters and those of everything below it. */
  readonly left: Layers
}

/** Where a task is: whose child it is, and what it inherits. */
export interface Position {
  /** Full name of the parent; empty for the root. */
  readonly parentName: string
  readonly layers: Layers
  /** The root's, where its workflow has an `sla`. */
  readonly sla?: SlaWatch
}

/** What only time brings to an attempt: the tasks of `^sla`, when it is late. */
export interface SlaWatch {
  /** Ends the watch, and answers how `^sla` ended: success as well where the time never came. */
  settled(): Promise<Ending>
}

/** One attempt being walked. */
export interface Walk {
  readonly runtime: Runtime
  readonly track: Track
  readonly load: Load
  /** Runs a task, whatever its kind. */
  readonly run: (task: PlannedTask, at: Position) => Promise<Ended>
}

/** Counts versions of states, and knows what is running and what failed first. */
export interface Track {
  nextVersion(id: TaskId): number
  record(id: TaskId, state: TaskState, more?: Pick<StateRecord, 'retryAt' | 'error'>): void
  started(fullName: string): void
  ended(fullName: string): void
  failed(fullName: string, error: Pick<TaskFailedError, 'message' | 'final'>): void
  /** What another workflow met. */
  failedElsewhere(end: Pick<BranchEnd, 'failure' | 'final'>): void
  /** The first failure, as a sentence; undefined while nothing failed. */
  readonly firstFailure: string | undefined
  /** Full names of tasks that failed and must not run again. */
  readonly final: readonly string[]
  /** Whether a task, with everything below it, may run once more. */
  mayRepeat(fullName: string): boolean
}

export function createTrack(runtime: Runtime): Track {
  const versions = new Map<TaskId, number>()
  const running = new Set<string>()
  let finished = 0
  let firstFailure: string | undefined
  let failedFirst: Progress['failed']
  const final: string[] = []

  const report = (): void =>
    runtime.report({
      running,
      finished,
      ...(failedFirst === undefined ? {} : { failed: failedFirst }),
    })
  const nextVersion = (id: TaskId): number => {
    const version = (versions.get(id) ?? 0) + 1
    versions.set(id, version)
    return version
  }

  return {
    nextVersion,
    record(id, state, more) {
      runtime.record({ taskId: id, state, version: nextVersion(id), ...more })
    },
    started(fullName) {
      running.add(fullName)
      report()
    },
    ended(fullName) {
      running.delete(fullName)
      finished += 1
      report()
    },
    failed(fullName, error) {
      firstFailure ??= `${fullName}: ${error.message}`
      failedFirst ??= { task: fullName, message: error.message }
      report()
      if (error.final) final.push(fullName)
    },
    failedElsewhere(end) {
      firstFailure ??= end.failure
      final.push(...(end.final ?? []))
    },
    get firstFailure() {
      return firstFailure
    },
    final,
    mayRepeat: (fullName) => !final.some((name) => isWithin(name, fullName)),
  }
}

/** Names of tasks below one begin with its own, then `+`, or `^` for those that were generated. */
const isWithin = (name: string, parent: string): boolean =>
  name === parent || (name.startsWith(parent) && /[+^]/.test(name.charAt(parent.length)))

/** A task's own contribution to what it and its descendants see. */
export const ownLayers = (task: WalkedTask): Layers =>
  task.hasExports ? [['export', task.id]] : noLayers

/** How a group ended whose children ended so. */
export function worst(endings: readonly Ending[]): Exclude<Ending, 'blocked'> {
  if (endings.includes('canceled')) return 'canceled'
  return endings.every((ending) => ending === 'success') ? 'success' : 'failed'
}
