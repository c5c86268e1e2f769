import type { Client } from '@temporalio/client'
import type { BigQueryDeps } from '#activities/bigquery/account.ts'
import { createJobSweep } from '#activities/bigquery/job-sweep.ts'
import { createExpressions } from '#activities/expression/evaluate.ts'
import type { Sandbox } from '#activities/expression/sandbox.ts'
import type { Logger } from '#services/shared/log.ts'
import { repeat } from '#services/shared/repeat.ts'
import type { Store } from '#store/index.ts'
import type { WorkerConfig } from './config.ts'
import { createRetentionRound } from './retention/round.ts'
import type { Deployment } from './versions/deployment.ts'
import { createAlarm } from './watch/alarm.ts'
import { createWatch } from './watch/watch.ts'

interface Needs {
  readonly store: Store
  readonly client: Client
  readonly bigquery: BigQueryDeps
  readonly deployment: Deployment
  readonly sandbox: Sandbox
  readonly log: Logger
}

/** What a worker does beside its tasks, as far as its task queues ask for it. */
export function startBackground(
  config: WorkerConfig,
  { store, client, bigquery, deployment, sandbox, log }: Needs,
): { stop(): Promise<void> } {
  const expressions = createExpressions(sandbox)
  const alarm = createAlarm(
    {
      http: config.http,
      render: (text, notification) =>
        expressions.text(text, { params: notification, timezone: notification.timezone }),
    },
    config.notifications,
    log,
  )
  const watch = createWatch({ client, attempts: store.attempts, deployment, log, alarm })
  const { retention, usages, secrets } = store
  const round = createRetentionRound({ retention, policy: config.retention, log })
  const sweepJobs = createJobSweep({
    bigquery,
    usages,
    secrets,
    log: (message) => log.warn({}, message),
  })
  const every = (ms: number, work: (stopping: AbortSignal) => Promise<void>, failed: string) =>
    repeat(ms, work, (err) => log.error({ err }, failed))

  const works: { stop(): Promise<void> }[] = []
  if (config.queues.includes('control')) {
    works.push(
      every(5_000, () => deployment.look(), 'its version cannot be noted'),
      every(5_000, watch, 'the watch over attempts failed'),
      every(60_000, round, 'retention was not carried out'),
    )
  }
  if (config.queues.includes('bigquery')) {
    works.push(every(2_000, sweepJobs, 'jobs left behind cannot be looked for'))
  }
  return {
    async stop() {
      await Promise.all(works.map((work) => work.stop()))
    },
  }
}
