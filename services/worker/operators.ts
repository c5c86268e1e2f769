import { createBqDdl } from '#activities/bigquery/bq-ddl.ts'
import { createBqExtract } from '#activities/bigquery/bq-extract.ts'
import { createBqLoad } from '#activities/bigquery/bq-load.ts'
import { createBq } from '#activities/bigquery/bq.ts'
import type { BigQueryDeps } from '#activities/bigquery/account.ts'
import { createBigQueryClient } from '#activities/bigquery/client.ts'
import { createEmbulk } from '#activities/command/embulk.ts'
import { createCommandExecutor } from '#activities/command/executor.ts'
import { createPy } from '#activities/command/py.ts'
import { createRb } from '#activities/command/rb.ts'
import { createSh } from '#activities/command/sh.ts'
import { createHttpCall } from '#activities/http/http-call.ts'
import { createHttp } from '#activities/http/http.ts'
import { createMail } from '#activities/mail/mail.ts'
import { createPg } from '#activities/postgres/pg.ts'
import { createGcsWait } from '#activities/storage/gcs-wait.ts'
import { createStorageClient } from '#activities/storage/client.ts'
import { createObjects } from '#activities/storage/objects.ts'
import type { TaskUser } from '#activities/command/local/task-user.ts'
import type { SteeringOperatorName } from '#activities/operators.ts'
import type { OperatorsByName } from '#activities/task/built-in.ts'
import type { Operator } from '#activities/task/operator.ts'
import type { WorkerConfig } from './config.ts'

/** BigQuery as this worker reaches it. */
export function bigQueryOf({ bigquery }: Pick<WorkerConfig, 'bigquery'>): BigQueryDeps {
  const { projectId = '', apiEndpoint, location } = bigquery
  const client = createBigQueryClient({
    projectId,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(location === undefined ? {} : { location }),
  })
  return {
    client,
    projectId,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(location === undefined ? {} : { location }),
  }
}

/** Every operator of Suiro's own that touches the world. */
export function createOperators(
  config: WorkerConfig,
  more: { readonly bigquery?: BigQueryDeps; readonly taskUser?: TaskUser | undefined } = {},
): readonly Operator[] {
  const { bigquery: bigQuery = bigQueryOf(config), taskUser } = more
  const { storage, containers, http, mail } = config
  const { projectId } = bigQuery
  const storageClient = createStorageClient({ projectId, ...storage })
  const objects = createObjects(storageClient)
  const executor = createCommandExecutor(containers, taskUser)
  // Whoever adds an operator to the table has to bring it here, or in activities/operators.ts.
  const byName: Omit<OperatorsByName, SteeringOperatorName> = {
    bq: createBq(bigQuery),
    bq_load: createBqLoad(bigQuery),
    bq_ddl: createBqDdl(bigQuery),
    bq_extract: createBqExtract(bigQuery),
    gcs_wait: createGcsWait({ client: storageClient, projectId, ...storage }),
    pg: createPg({ writeObject: (...args) => objects.writeObject(...args) }),
    http: createHttp(http),
    http_call: createHttpCall(http),
    mail: createMail(mail),
    sh: createSh(executor),
    py: createPy(executor),
    rb: createRb(executor),
    embulk: createEmbulk(executor),
  }
  return Object.values(byName)
}
