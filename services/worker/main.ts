import '#services/shared/settings-first.ts'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { DefaultLogger, Runtime, type WorkflowBundleOption } from '@temporalio/worker'
import { createJobSweep } from '#activities/bigquery/job-sweep.ts'
import { createActivities } from '#activities/index.ts'
import { createExpressions } from '#activities/expression/evaluate.ts'
import { createSandbox } from '#activities/expression/sandbox.ts'
import { ownOperator } from '#activities/task/own-operator.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createStartWorkflow } from '#services/shared/start-workflow.ts'
import { loadOwnOperators, OwnOperatorError } from '#services/shared/own-operators.ts'
import { createPool, DatabaseError, migrate } from '#store/database.ts'
import { createStore } from '#store/index.ts'
import { bundleWorkflows } from './bundle.ts'
import { ConfigError, readConfig, type WorkerConfig } from './config.ts'
import { serveHealth } from './health.ts'
import { bigQueryOf, createOperators } from './operators.ts'
import { repeat } from '#services/shared/repeat.ts'
import { createStartAttempt } from './start-attempt.ts'
import { connectTemporal, TemporalError } from './temporal-connections.ts'
import { createAlarm } from './watch/alarm.ts'
import { createWatch } from './watch/watch.ts'
import { chooseTaskUser } from './task-user.ts'
import { createWorkers } from './workers.ts'

const logger = new DefaultLogger('WARN')

async function main(config: WorkerConfig): Promise<void> {
  // We stop the workers ourselves, so that the order of stopping is ours.
  Runtime.install({ logger, shutdownSignals: [] })
  // A mistake in them is told before anything is opened.
  const own = await loadOwnOperators(config.operators)
  await migrate(config.databaseUrl)
  const pool = createPool(config.databaseUrl, { max: 30 })
  const store = createStore(pool, { ...(config.secretKey && { secretKey: config.secretKey }) })
  const temporary = join(config.home, 'work')
  const taskUser = await chooseTaskUser(config, temporary, console.log)
  const { namespace } = config.temporal
  const { connection, native } = await connectTemporal(config.temporal)
  const client = new Client({ connection, namespace })
  const sandbox = createSandbox()
  const bigquery = bigQueryOf(config)
  const accept = createAcceptAttempt(store)
  const workers = await createWorkers({
    connection: native,
    namespace,
    queues: config.queues,
    bundle: await workflowBundle(config),
    activities: createActivities({
      store,
      sandbox,
      operators: [...createOperators(config, { bigquery, taskUser }), ...own.map(ownOperator)],
      http: config.http,
      ...(config.notifications === undefined ? {} : { notifications: config.notifications }),
      acceptAttempt: accept,
      startAttempt: createStartAttempt(accept, createStartWorkflow(client, store.attempts)),
      agent: `${process.pid}@${hostname()}`,
      temporary,
      logBytes: config.logBytes,
    }),
    drainSeconds: config.drainSeconds,
    cachedWorkflows: config.cachedWorkflows,
  })
  const running = Promise.all(workers.map((worker) => worker.run()))
  const health = await serveHealth({
    ...config.health,
    async ready() {
      const stopped = workers.filter((worker) => worker.getState() !== 'RUNNING')
      const database = await pool.query('select 1').then(
        () => [],
        (error: unknown) => [`PostgreSQL does not answer: ${String(error)}`],
      )
      return [
        ...database,
        ...stopped.map((worker) => `${worker.options.taskQueue} is ${worker.getState()}`),
      ]
    },
  })
  const log = (message: string): void => logger.error(message)
  const expressions = createExpressions(sandbox)
  const watch = createWatch({
    client,
    attempts: store.attempts,
    log,
    alarm: createAlarm(
      {
        http: config.http,
        render: (text, notification) =>
          expressions.text(text, { params: notification, timezone: notification.timezone }),
      },
      config.notifications,
      log,
    ),
  })
  const watching = config.queues.includes('control')
    ? repeat(5_000, watch, (error) => log(`The watch over attempts failed: ${String(error)}`))
    : undefined
  const sweepJobs = createJobSweep({ bigquery, usages: store.usages, secrets: store.secrets, log })
  const jobSweep = config.queues.includes('bigquery')
    ? repeat(2_000, sweepJobs, (error) =>
        log(`Jobs left behind cannot be looked for: ${String(error)}`),
      )
    : undefined
  const drain = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    // A task that does not stop must not keep the process: Temporal gives it to another worker.
    setTimeout(() => process.exit(0), (config.drainSeconds + 2) * 1000).unref()
  }
  process.on('SIGTERM', drain)
  process.on('SIGINT', drain)
  console.log(`Worker ${process.pid} serves ${config.queues.join(', ')}`)
  await running
  await Promise.all([watching?.stop(), jobSweep?.stop()])
  health.close()
  await Promise.allSettled([sandbox.close(), connection.close(), native.close(), pool.end()])
}

/** The prebuilt bundle where there is one (in an image), else one made now. */
async function workflowBundle({
  workflowBundle: file,
}: WorkerConfig): Promise<WorkflowBundleOption> {
  if (file === undefined) return bundleWorkflows(logger)
  await readFile(file)
  return { codePath: file }
}

try {
  await main(readConfig(process.env))
  process.exit(0)
} catch (error) {
  const mendable = [ConfigError, DatabaseError, TemporalError, OwnOperatorError].some(
    (kind) => error instanceof kind,
  )
  console.error(mendable ? (error as Error).message : error)
  process.exit(1)
}
