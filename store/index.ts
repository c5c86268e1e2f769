import type { Pool } from 'pg'
import { createAttempts, type Attempts } from './attempts.ts'
import { createBatchReplicas, type BatchReplicas } from './batch-replicas.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { createLogs, type Logs } from './logs.ts'
import { createMergedParams, type MergedParamsStore } from './merged-params.ts'
import { createOverviewStore, type OverviewStore } from './overview.ts'
import { createProjects, type Projects } from './projects.ts'
import { createRetention, type Retention } from './retention/retention.ts'
import { createSchedules, type Schedules } from './schedules.ts'
import { createSecrets, type Secrets } from './secrets.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSharedParams, type SharedParams } from './shared-params.ts'
import { createSkippedSessions, type SkippedSessionsStore } from './skipped-sessions.ts'
import { createTaskOutlines, type TaskOutlines } from './task-outline.ts'
import { createTaskTries, type TaskTries } from './task-tries.ts'
import { createTasks, type Tasks } from './tasks.ts'
import { createUsages, type Usages } from './usages.ts'
import { createWorkerDeaths, type WorkerDeaths } from './worker-deaths.ts'
import { createWorkerVersions, type WorkerVersions } from './worker-versions.ts'
import { createWorkflows, type Workflows } from './workflows.ts'

/** Everything Suiro keeps in PostgreSQL, one member for each aggregate. */
export interface Store {
  readonly projects: Projects
  readonly workflows: Workflows
  readonly schedules: Schedules
  readonly skippedSessions: SkippedSessionsStore
  readonly sessions: Sessions
  readonly attempts: Attempts
  readonly tasks: Tasks
  readonly taskOutlines: TaskOutlines
  readonly taskTries: TaskTries
  readonly mergedParams: MergedParamsStore
  readonly usages: Usages
  readonly logs: Logs
  readonly logReader: LogReader
  readonly secrets: Secrets
  readonly sharedParams: SharedParams
  readonly workerDeaths: WorkerDeaths
  readonly workerVersions: WorkerVersions
  readonly batchReplicas: BatchReplicas
  readonly retention: Retention
  readonly overview: OverviewStore
}

/** `secretKey`: 32 bytes; without it secrets can be neither written nor read. */
export function createStore(pool: Pool, options: { readonly secretKey?: Uint8Array } = {}): Store {
  return {
    projects: createProjects(pool),
    workflows: createWorkflows(pool),
    schedules: createSchedules(pool),
    skippedSessions: createSkippedSessions(pool),
    sessions: createSessions(pool),
    attempts: createAttempts(pool),
    tasks: createTasks(pool),
    taskOutlines: createTaskOutlines(pool),
    taskTries: createTaskTries(pool),
    mergedParams: createMergedParams(pool),
    usages: createUsages(pool),
    logs: createLogs(pool),
    logReader: createLogReader(pool),
    secrets: createSecrets(pool, options.secretKey),
    sharedParams: createSharedParams(pool),
    workerDeaths: createWorkerDeaths(pool),
    workerVersions: createWorkerVersions(pool),
    batchReplicas: createBatchReplicas(pool),
    retention: createRetention(pool),
    overview: createOverviewStore(pool),
  }
}
