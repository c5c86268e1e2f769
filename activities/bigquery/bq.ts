import { isObject } from '#workflows/domain/json.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createConfig } from '../task/config.ts'
import { createAccounts, type BigQueryDeps } from './account.ts'
import { queryJob } from './job-config.ts'
import { pathInProject, renderedFile } from './project-text.ts'
import { runTaskJob } from './run-job.ts'

/** `bq>` runs a query from a file of the project, or the one given as `{data: SQL}`. */
export function createBq(deps: BigQueryDeps): BuiltIn<'bq'> {
  const accountOf = createAccounts(deps)
  return builtIn('bq', async (context) => {
    const account = await accountOf(context)
    return runTaskJob(context, account, async () => {
      const { sql, file } = await queryText(context)
      return {
        configuration: queryJob(context.config.withDefaults('bq'), account.projectId, sql),
        file,
      }
    })
  })
}

/** `data` was evaluated with the other parameters; a file is evaluated here. */
async function queryText(
  context: OperatorContext<KeyOf<'bq'>>,
): Promise<{ readonly sql: string; readonly file?: string }> {
  const command = context.config.get('_command')
  if (isObject(command)) return { sql: createConfig(command, new Set()).string('data') }
  if (command === undefined && context.config.has('query'))
    return { sql: context.config.string('query') }
  const path = context.config.string('_command')
  return { sql: await renderedFile(context, path), file: pathInProject(context, path) }
}
