import '#services/shared/settings-first.ts'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createTemporalClient } from '#services/shared/temporal.ts'
import sdk from '@temporalio/worker/package.json' with { type: 'json' }
import { Runtime } from '@temporalio/worker'
import { createActivities } from '#activities/index.ts'
import { createSandbox } from '#activities/expression/sandbox.ts'
import { ownOperator } from '#activities/task/own-operator.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'
import { createStartWorkflow } from '#services/shared/start-workflow.ts'
import { registerSearchAttributes } from '#services/shared/search-attributes.ts'
import { createStartable } from '#services/shared/startable.ts'
import { createLog, logProcess } from '#services/shared/log.ts'
import { secretsIn } from '#services/shared/log-secrets.ts'
import { loadOwnOperators, OwnOperatorError } from '#services/shared/own-operators.ts'
import { startFailure } from '#services/shared/start-failure.ts'
import { createPool, DatabaseError, migrate } from '#store/database.ts'
import { createStore } from '#store/index.ts'
import { listen } from '#store/listen.ts'
import { startBackground } from './background.ts'
import { bundleFile } from './bundle.ts'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { readConfig, type WorkerConfig } from './config.ts'
import { serveHealth } from './health.ts'
import { bigQueryOf, createOperators } from './operators.ts'
import { createStartAttempt } from './start-attempt.ts'
import { createStartNext } from './start-next.ts'
import { createTakeStarts } from './take-starts.ts'
import { connectTemporal, TemporalError } from './temporal-connections.ts'
import { temporalLog } from './temporal-log.ts'
import { buildIdOf } from './versions/build-id.ts'
import { createDeployment, deploymentName } from './versions/deployment.ts'
import { withoutSandboxTraces } from './sandbox-traces.ts'
import { chooseTaskUser } from './task-user.ts'
import { createWorkers } from './workers.ts'

async function main(config: WorkerConfig): Promise<void> {
  const log = createLog({
    part: 'worker',
    level: config.logLevel,
    secrets: secretsIn(process.env),
  })
  logProcess(log)
  Runtime.install({
    logger: temporalLog(log),
    telemetryOptions: {
      logging: { filter: { core: log.isLevelEnabled('debug') ? 'DEBUG' : 'WARN' }, forward: {} },
    },
    // We stop the workers ourselves, so that the order of stopping is ours.
    shutdownSignals: [],
  })
  // A mistake in them is reported before anything is opened.
  const own = await loadOwnOperators(config.operators)
  await migrate(config.databaseUrl)
  const pool = createPool(config.databaseUrl, { max: 30 })
  const store = createStore(pool, { ...(config.secretKey && { secretKey: config.secretKey }) })
  const temporary = join(config.home, 'work')
  const taskUser = await chooseTaskUser(config, temporary, (line) => log.info({}, line))
  const { namespace } = config.temporal
  const { connection, native } = await connectTemporal(config.temporal)
  const client = createTemporalClient(connection, namespace)
  // An attempt's end is written with them.
  await registerSearchAttributes(client)
  const sandbox = createSandbox()
  const bigquery = bigQueryOf(config)
  const accept = createAcceptAttempt(store)
  const runsWorkflows = config.queues.includes('control')
  const startable = createStartable(config.url)
  const startWorkflow = createStartWorkflow(client, store.attempts, startable)
  const bundle = { codePath: config.workflowBundle ?? (await bundleFile(config.home)) }
  const buildId = await buildIdOf(bundle, sdk.version)
  const deployment = createDeployment({
    client,
    versions: store.workerVersions,
    version: buildId,
    log,
  })
  if (!log.isLevelEnabled('debug')) withoutSandboxTraces()
  const workers = await createWorkers({
    connection: native,
    namespace,
    queues: config.queues,
    bundle,
    version: { deploymentName, buildId },
    activities: createActivities({
      store,
      sandbox,
      operators: [...createOperators(config, { bigquery, taskUser }), ...own.map(ownOperator)],
      http: config.http,
      ...(config.notifications === undefined ? {} : { notifications: config.notifications }),
      acceptAttempt: accept,
      startable,
      settleSchedule: createSettleSchedule(store),
      startAttempt: createStartAttempt(accept, startWorkflow),
      attemptEnded: createStartNext(store.attempts, startWorkflow),
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
        ...(runsWorkflows && deployment.known() === undefined
          ? ['Temporal does not know this version of the workflows yet']
          : []),
        ...stopped.map((worker) => `${worker.options.taskQueue} is ${worker.getState()}`),
      ]
    },
  })
  const inForce = (): boolean => deployment.known()?.current === buildId
  const starts = runsWorkflows
    ? listen(
        config.databaseUrl,
        'attempts',
        createTakeStarts({
          attempts: store.attempts,
          startWorkflow: createStartWorkflow(
            createTemporalClient(native, namespace),
            store.attempts,
            startable,
            { eager: true },
          ),
          version: buildId,
          inForce,
          log,
        }),
      )
    : undefined
  const background = startBackground(config, { store, client, bigquery, deployment, sandbox, log })
  const drain = (): void => {
    void starts?.stop()
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    // A task that does not stop must not keep the process: Temporal gives it to another worker.
    setTimeout(() => process.exit(0), (config.drainSeconds + 2) * 1000).unref()
  }
  process.on('SIGTERM', drain)
  process.on('SIGINT', drain)
  log.info({ queues: config.queues }, 'serving')
  await running
  await background.stop()
  health.close()
  await Promise.allSettled([sandbox.close(), connection.close(), native.close(), pool.end()])
}

if (import.meta.main) {
  try {
    await main(readConfig(process.env))
    process.exit(0)
  } catch (error) {
    const fixable = [ConfigError, DatabaseError, TemporalError, OwnOperatorError]
    process.stderr.write(`${startFailure(error, fixable)}\n`)
    process.exit(1)
  }
}
