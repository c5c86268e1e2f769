import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { isGrpcServiceError, type Client } from '@temporalio/client'
import type { Log } from '#services/shared/log.ts'
import type { VersionsSeen, WorkerVersions } from '#store/worker-versions.ts'

/** The name of Temporal's Worker Deployment: all versions of the workers that run Suiro's workflows. */
export const deploymentName = 'suiro'

/** This worker's version among the others, and who goes on with what. */
export interface Deployment {
  /** Notes that this worker lives and, where its version is the newest, has Temporal begin new attempts on it. */
  look(): Promise<void>
  /** As of the last look; undefined before the first. */
  known(): VersionsSeen | undefined
  /** Has the version in force go on with a workflow whose own one is gone. */
  move(workflowId: string): Promise<void>
}

export interface DeploymentNeeds {
  readonly client: Client
  readonly versions: WorkerVersions
  readonly version: string
  readonly log: Pick<Log, 'info'>
}

/** What was set in Temporal is checked so often, in milliseconds: somebody may have set something else. */
const confirmEveryMs = 60_000

// D1. An attempt stays on the version it began with (PINNED), ticks of schedules go to the newest (AUTO_UPGRADE).
// D2. The version in force is decided in one place, PostgreSQL; only its own workers bring it into force in Temporal,
//     since they know that they poll.

/** See https://docs.temporal.io/worker-versioning; needs Temporal 1.29.1 or newer. */
export function createDeployment(needs: DeploymentNeeds): Deployment {
  const { client, versions, version, log } = needs
  let known: VersionsSeen | undefined
  let confirmedAt = 0

  return {
    known: () => known,
    async look() {
      const seen = await versions.see(version)
      const was = known?.current
      const due = was !== version || Date.now() - confirmedAt >= confirmEveryMs
      if (seen.current === version && due) {
        await bringIntoForce(client, version)
        confirmedAt = Date.now()
      }
      known = seen
      if (was === seen.current) return
      if (seen.current === version) log.info({ version }, 'new attempts begin on this version')
      else {
        const message = 'new attempts begin on another version; this one goes on with its own'
        log.info({ version, current: seen.current }, message)
      }
    },
    async move(workflowId) {
      const buildId = known?.current ?? version
      await client.workflowService.updateWorkflowExecutionOptions({
        namespace: client.options.namespace,
        workflowExecution: { workflowId },
        workflowExecutionOptions: {
          versioningOverride: {
            pinned: { behavior: pinned, version: { deploymentName, buildId } },
          },
        },
        updateMask: { paths: ['versioning_override'] },
      })
    },
  }
}

// PINNED_OVERRIDE_BEHAVIOR_PINNED of Temporal's API.
const pinned = 1

/** A version is known to Temporal a moment after its first poll. */
const patienceMs = 10_000
/** The deployment, or the version in it, is not known yet. */
const notYet: ReadonlySet<number> = new Set([status.NOT_FOUND, status.FAILED_PRECONDITION])

async function bringIntoForce(client: Client, buildId: string): Promise<void> {
  const { namespace, identity } = client.options
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
        namespace,
        deploymentName,
      })
      const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId
      if (current === buildId) return
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId,
        // A version may serve fewer task queues than the one before it.
        ignoreMissingTaskQueues: true,
        identity,
      })
      return
    } catch (error) {
      const wait = isGrpcServiceError(error) && notYet.has(error.code) && Date.now() < deadline
      if (!wait) throw error
      await sleep(100)
    }
  }
}
