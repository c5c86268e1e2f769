import { createAccounts, type BigQueryDeps } from './account.ts'
import { extractJob } from './job-config.ts'
import { runTaskJob } from './run-job.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'

/** `bq_extract>` writes a table into objects of Cloud Storage. */
export function createBqExtract(deps: BigQueryDeps): BuiltIn<'bq_extract'> {
  const accountOf = createAccounts(deps)
  return builtIn('bq_extract', async (context) => {
    const account = await accountOf(context)
    return runTaskJob(context, account, async () => ({
      configuration: extractJob(context.config.withDefaults('bq'), account.projectId),
    }))
  })
}
