import { OperatorError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createAccounts, type Account, type BigQueryDeps } from './account.ts'
import { CallFailure, isRefusal } from './api.ts'
import type { DdlDefaults } from './ddl-resources.ts'
import { planDdl, type DdlStep } from './ddl-steps.ts'
import { failureText } from './failure-text.ts'
import { defaultDataset } from './job-config.ts'
import { untilAnswered } from './patience.ts'

/** `bq_ddl>` creates, empties and deletes data sets and tables. */
export function createBqDdl(deps: BigQueryDeps): BuiltIn<'bq_ddl'> {
  const accountOf = createAccounts(deps)
  return builtIn('bq_ddl', async (context) => {
    const account = await accountOf(context)
    const steps = planDdl(context.config.withDefaults('bq'), defaultsOf(context, account))
    const done = context.state.value['operation']
    for (const [at, step] of steps.entries()) {
      // A worker that takes over goes on where the last one stopped.
      if (typeof done === 'number' && at < done) continue
      await take(step, context, account)
      await context.state.save({ ...context.state.value, operation: at + 1 })
    }
    return {}
  })
}

async function take(
  step: DdlStep,
  context: OperatorContext<never>,
  account: Account,
): Promise<void> {
  const { what, call, doneBefore } = step
  const { signal, log } = context
  const alive = (): void => context.heartbeat({ step: what })
  try {
    await untilAnswered(() => account.api(call), { pace: account.pace, signal, alive })
    log(what)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    if (doneBefore !== undefined && isRefusal(error, doneBefore)) {
      return log(`${what}: ${doneBefore === 409 ? 'exists already' : 'is not there'}`)
    }
    const { reason, status, code } = error.trouble
    const failure = { reason: reason ?? String(status ?? code), message: error.message }
    throw new OperatorError(failureText(failure, { what }), { cause: error, code: 'JOB' })
  }
}

function defaultsOf(
  { config, task }: OperatorContext<KeyOf<'bq_ddl'>>,
  account: Account,
): DdlDefaults {
  const { projectId, location } = account
  const dataset = defaultDataset(config.withDefaults('bq'), projectId)
  return {
    projectId,
    timezone: task.timezone,
    now: new Date(),
    ...(location !== undefined && { location }),
    ...(dataset && { dataset }),
  }
}
