import { fileURLToPath } from 'node:url'
import { Connection } from '@temporalio/client'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { createPool, migrate } from '#store/database.ts'
import { createStore } from '#store/index.ts'
import { repeat } from '#services/shared/repeat.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'
import { createStartWorkflow } from '#services/shared/start-workflow.ts'
import { createStartable } from '#services/shared/startable.ts'
import type { Attempt } from '#store/types.ts'
import { isLoopback } from '#services/shared/loopback.ts'
import type { Logger } from '#services/shared/log.ts'
import { syntaxOf } from '#services/shared/own-operator-shape.ts'
import { loadOwnOperators } from '#services/shared/own-operators.ts'
import { batches } from '#workflows/batches/catalog.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import { checkDatabase, checkTemporal } from './checks.ts'
import type { ApiConfig } from './config.ts'
import { knownHosts } from './plugins/callers.ts'
import { createChecker } from './push/checker.ts'
import { createPush } from './push/push.ts'
import { createBatchRegistry } from './register-batches.ts'
import { createAttemptControl } from './temporal/attempts.ts'
import { createCatchUp } from './temporal/catch-up.ts'
import { createPauses } from './temporal/pauses.ts'
import { createScheduleControl } from './temporal/schedules.ts'
import { createSweep } from './temporal/sweep.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Constructs everything, in the order it is needed, and listens. */
export async function startApi(
  config: ApiConfig,
  log: Logger,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { maxArchiveBytes, unsupportedOperators, host, port, secretKey, temporal } = config

  // A mistake in them is reported before anything is opened.
  const ownOperators = (await loadOwnOperators(config.operators)).map(syntaxOf)
  await migrate(config.databaseUrl)
  const pool = createPool(config.databaseUrl)
  const store = createStore(pool, secretKey === undefined ? {} : { secretKey })

  // Lazy: the API answers and accepts attempts while Temporal is away.
  const connection = Connection.lazy(temporal.connection)
  const client = createTemporalClient(connection, temporal.namespace)
  const checks = {
    database: () => checkDatabase(pool),
    temporal: () => checkTemporal(client, temporal.address),
  }
  const { attempts } = store
  const startWorkflow = createStartWorkflow(client, attempts, createStartable(config.url))
  const control = createAttemptControl({ client, startWorkflow, attempts, log })
  const schedules = createScheduleControl({ client, schedules: store.schedules, log })
  const catchUp = createCatchUp({
    schedules: store.schedules,
    settle: createSettleSchedule(store),
    control,
    inTemporal: schedules,
    log,
  })
  const check = checks.temporal
  const pauses = createPauses({ client, schedules: store.schedules, log })
  const sweep = createSweep({ client, attempts, control, schedules, pauses, catchUp, check, log })
  const checker = createChecker()
  const push = createPush({
    store,
    schedules,
    catchUp,
    checker,
    maxArchiveBytes,
    ownOperators,
    unsupportedOperators,
  })

  const known = knownHosts(host, config.allowedHosts)
  const app = await buildApp({
    store,
    push,
    control,
    schedules,
    catchUp,
    checks,
    secretsKept: secretKey !== undefined,
    maxArchiveBytes,
    answerHeaders: config.answerHeaders,
    ...(known === undefined ? {} : { knownHosts: known }),
    ...(config.temporalUi === undefined ? {} : { ui: uiAt(config.temporalUi, temporal.namespace) }),
    version: packageJson.version,
    logger: log,
  })
  let registering: { stop(): Promise<void> } | undefined
  const stop = async (): Promise<void> => {
    log.info({}, 'stopping')
    await registering?.stop()
    await app.close()
    await sweep.stop()
    await catchUp.stop()
    await control.settled()
    await schedules.stop()
    await checker.close()
    await connection.close()
    await pool.end()
  }
  try {
    const listed = config.examples ? batches : []
    const registry = await createBatchRegistry(listed, { store, push, root, log })
    await registry.look()
    registering = repeat(
      30_000,
      () => registry.look(),
      (error) => {
        log.warn({ err: error }, 'batches could not be looked at; will try again')
      },
    )
    // The first look registers the search attributes, which a start needs.
    await sweep.start()
    await app.listen({ host, port })
    if (!isLoopback(host)) {
      log.warn({ host, port }, 'open to the network: whoever reaches this address can run commands')
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

const uiAt = (home: string, namespace: string) => ({
  home,
  list: (query: string) =>
    `${home}/namespaces/${namespace}/workflows?query=${encodeURIComponent(query)}`,
  attempt: ({ temporalId }: Pick<Attempt, 'temporalId'>) =>
    `${home}/namespaces/${namespace}/workflows/${encodeURIComponent(temporalId)}`,
})
