import type { Operator } from '../task/operator.ts'
import { accountSecrets, createAccounts, type BigQueryDeps } from './account.ts'
import { extractJob } from './job-config.ts'
import { runTaskJob } from './run-job.ts'

/** `bq_extract>` writes a table into objects of Cloud Storage. */
export function createBqExtract(deps: BigQueryDeps): Operator {
  const accountOf = createAccounts(deps)
  return {
    name: 'bq_extract',
    secrets: accountSecrets,
    retries: true,
    async run(context) {
      const account = await accountOf(context)
      return runTaskJob(context, account, async () =>
        extractJob(context.config.withDefaults('bq'), account.projectId),
      )
    },
  }
}
