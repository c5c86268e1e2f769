import {
  Worker,
  type NativeConnection,
  type WorkerDeploymentOptions,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { dataConverter } from '#services/shared/temporal.ts'
import type { WorkerActivities } from '#workflows/step.ts'
import type { TaskQueue } from '#workflows/domain/task-queues.ts'
import { logTask } from './temporal-log.ts'

/** Tasks of one kind that one worker process runs at a time. */
const slots: Readonly<Record<TaskQueue, number>> = {
  // Local activities and workflows; no remote activity is sent here.
  control: 100,
  // A task here only watches a job that runs elsewhere.
  bigquery: 100,
  // Bound by the source database's connections.
  transfer: 10,
  // Processes on this machine.
  command: 8,
  notify: 20,
}

/**
 * Workflow tasks that a worker has at a time: most of them wait for a step, not for the processor. Those who poll hold one
 * slot each, for new workflows and for cached ones; the others are for attempts that are started from here.
 */
const workflowTasks = 24
const workflowPolls = 4

/** Of tasks that run here there are few; those that watch a job are many, and stopping it takes longer. */
const heartbeatEvery = (queue: TaskQueue): '500 milliseconds' | '1 second' =>
  queue === 'bigquery' ? '1 second' : '500 milliseconds'

export interface WorkersInput {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly queues: readonly TaskQueue[]
  readonly bundle: WorkflowBundleOption
  /** Of the bundle, as others know it. */
  readonly version: WorkerDeploymentOptions['version']
  readonly activities: WorkerActivities
  readonly drainSeconds: number
  /** Workflows cached in memory; another one is replayed from its history when it goes on. */
  readonly cachedWorkflows: number
}

/** One Temporal worker for each task queue; only `control` runs workflows, and so has versions. */
export function createWorkers(input: WorkersInput): Promise<readonly Worker[]> {
  return Promise.all(
    input.queues.map((taskQueue) => {
      const common: WorkerOptions = {
        connection: input.connection,
        namespace: input.namespace,
        dataConverter,
        taskQueue,
        activities: { ...input.activities },
        interceptors: { activity: [logTask] },
        maxConcurrentActivityTaskExecutions: slots[taskQueue],
        // A kill comes with the answer to a heartbeat; the SDK would hold these back for 24 seconds.
        maxHeartbeatThrottleInterval: heartbeatEvery(taskQueue),
        defaultHeartbeatThrottleInterval: heartbeatEvery(taskQueue),
        // A task is asked to stop at once and has this long to; Temporal then gives it to another worker.
        shutdownGraceTime: 0,
        shutdownForceTime: `${input.drainSeconds} seconds`,
      }
      return Worker.create(
        taskQueue === 'control'
          ? {
              ...common,
              workflowBundle: input.bundle,
              maxConcurrentWorkflowTaskExecutions: workflowTasks,
              maxConcurrentWorkflowTaskPolls: workflowPolls,
              workerDeploymentOptions: {
                version: input.version,
                useWorkerVersioning: true,
                defaultVersioningBehavior: 'PINNED',
              },
              maxCachedWorkflows: input.cachedWorkflows,
            }
          : common,
      )
    }),
  )
}
