import { fileURLToPath } from 'node:url'
import { type Client, Connection } from '@temporalio/client'
import { createTemporalClient, dataConverter } from '#services/shared/temporal.ts'
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { taskQueues } from '#workflows/domain/task-queues.ts'
import type { WorkerActivities } from '#workflows/step.ts'

// Failing tasks are part of the tests; Temporal's own warnings about them are not.
const logger = new DefaultLogger('ERROR')
Runtime.install({ logger })

const bundles = new Map<string, ReturnType<typeof bundleWorkflowCode>>()

/** The workflows as they run in production, which the test setup bundled, or those of another file. */
export async function workflowBundle(file?: string): Promise<WorkflowBundleOption> {
  const made = process.env['SUIRO_WORKFLOW_BUNDLE']
  if (file === undefined && made !== undefined) return { codePath: made }
  const path = file ?? import.meta.resolve('#workflows/index.ts')
  const bundle =
    bundles.get(path) ??
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(path),
      payloadConverterPath: dataConverter.payloadConverterPath,
      logger,
    })
  bundles.set(path, bundle)
  return bundle
}

/** Address of the real Temporal server that the test setup started. */
export function testTemporalAddress(): string {
  const address = process.env['TEST_TEMPORAL_ADDRESS']
  if (address === undefined) {
    throw new Error('TEST_TEMPORAL_ADDRESS is not set: run the tests with npm test')
  }
  return address
}

/** Runs `body` with a client while workers with these activities serve every task queue. */
export async function withWorkers<Result>(
  activities: WorkerActivities,
  body: (client: Client) => Promise<Result>,
  file?: string,
): Promise<Result> {
  const address = testTemporalAddress()
  const connection = await Connection.connect({ address })
  const native = await NativeConnection.connect({ address })
  const workflows = await workflowBundle(file)
  try {
    const workers = await Promise.all(
      taskQueues.map((taskQueue) =>
        Worker.create({
          connection: native,
          dataConverter,
          taskQueue,
          activities: { ...activities },
          shutdownForceTime: '5 seconds',
          ...(taskQueue === 'control' ? { workflowBundle: workflows } : {}),
        }),
      ),
    )
    const client = createTemporalClient(connection)
    const running = workers.map((worker) => worker.run())
    try {
      return await body(client)
    } finally {
      for (const worker of workers) worker.shutdown()
      await Promise.allSettled(running)
    }
  } finally {
    await native.close()
    await connection.close()
  }
}
