import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import type { Account } from './account.ts'
import { CallFailure } from './api.ts'
import { failureText } from './failure-text.ts'
import { jobFingerprint, jobId } from './job-id.ts'
import { fullJobId, readFigures, type JobReport } from './job-report.ts'
import { runJob, type JobEnvironment, type SavedJob } from './jobs.ts'
import { fingerprintLabel, jobLabels } from './labels.ts'
import { showQuery, type Configured } from './query-source.ts'
import { UnknownFate } from './unknown-fate.ts'

/**
 * Runs a task's job and answers what a `bq…>` task leaves behind. `configure` is asked only once in a
 * logical try: a worker that takes over goes on with the saved job, though a template would now differ.
 */
export async function runTaskJob(
  context: OperatorContext<never>,
  account: Account,
  configure: () => Promise<Configured>,
): Promise<OperatorResult> {
  const saved = savedJob(context.state.value)
  if (!saved) context.signal.throwIfAborted()
  // Whoever planned the job has read its parameters; to say now that nobody does would be wrong.
  else void context.params
  const job = saved ?? plan(context, account, await configure())
  const save = async ({ ...next }: SavedJob): Promise<void> => {
    const { projectId: project, location, jobId, round: replacement } = next
    await context.state.save({ ...context.state.value, job: next })
    await context.usage.begin({
      kind: 'bigquery',
      project,
      ...(location !== undefined && { location }),
      job: jobId,
      replacement,
    })
  }
  await save(job)

  const report = await run(job, context, account, {
    save,
    ended: ({ projectId, jobId }, end) =>
      context.usage.end({ project: projectId, job: jobId }, end),
    mayExist: saved !== undefined,
  })
  logErrors(report, context.log)
  const id = fullJobId(report)
  if (report.failure) {
    const where = await showQuery(context, job, report.failure.message)
    const text = failureText(report.failure, { what: `job ${id}`, where })
    throw new OperatorError(text, { code: 'JOB' })
  }

  context.log(`BigQuery job ${id} done${used(report)}`)
  return {
    stored: { bq: { last_job_id: id, last_jobid: id } },
    resetParams: ['bq.last_job_id', 'bq.last_jobid'],
  }
}

async function run(
  job: SavedJob,
  context: OperatorContext<never>,
  { api, pace, jobPage }: Account,
  keeping: Pick<JobEnvironment, 'save' | 'ended' | 'mayExist'>,
): Promise<JobReport> {
  const { signal, heartbeat, log } = context
  try {
    const started = (id: string): void => {
      if (jobPage) log(jobPage(id))
    }
    return await runJob(job, { api, pace, signal, heartbeat, log, started, ...keeping })
  } catch (error) {
    if (!(error instanceof CallFailure)) {
      // The task fails with it; a kill, or a worker that goes away, is no failure.
      if (error instanceof OperatorError) await showQuery(context, job)
      throw error
    }
    const { reason, status, code } = error.trouble
    const why = { reason: reason ?? String(status ?? code ?? 'unknown'), message: error.message }
    const unknown = error instanceof UnknownFate
    const where = await showQuery(context, job, why.message)
    const text = failureText(why, { what: `job ${job.jobId}`, where })
    throw new OperatorError(
      unknown ? `${text}\nNobody knows whether this job ran, so no _retry starts it anew` : text,
      { cause: error, final: unknown, ...(unknown ? {} : { code: 'JOB' }) },
    )
  }
}

function plan(
  { task }: OperatorContext<never>,
  account: Account,
  { configuration, file }: Configured,
): SavedJob {
  const { projectId, location } = account
  const identity = { ...task, configuration: { ...configuration, projectId } }
  const fingerprint = jobFingerprint(identity)
  const firstJobId = jobId(identity, fingerprint)
  return {
    projectId,
    ...(location !== undefined && { location }),
    jobId: firstJobId,
    firstJobId,
    round: 0,
    fingerprint,
    ...(file !== undefined && { file }),
    configuration: {
      ...configuration,
      labels: {
        ...(isObject(configuration['labels']) ? configuration['labels'] : {}),
        ...jobLabels(task),
        [fingerprintLabel]: fingerprint,
      },
    },
  }
}

/** The job that an earlier run of this try has planned; what is in the state was put there by `save`. */
function savedJob(state: JsonObject): SavedJob | undefined {
  const job: Json | undefined = state['job']
  return isObject(job) ? (job as JsonObject & SavedJob) : undefined
}

const mostErrorsShown = 20

/** A load reports line by line what it did not like; the failure itself often says only "too many errors". */
function logErrors({ errors, failure }: JobReport, log: (text: string) => void): void {
  const others = errors.filter(({ message }) => message !== failure?.message)
  for (const { message, location } of others.slice(0, mostErrorsShown)) {
    log(location === undefined ? message : `${location}: ${message}`)
  }
  const rest = others.length - mostErrorsShown
  if (rest > 0) log(`and ${rest} more`)
}

function used(report: JobReport): string {
  const { bytesBilled, slotMs, cacheHit } = readFigures(report)
  const parts = [
    ...(bytesBilled === null ? [] : [`${bytesBilled} bytes billed`]),
    ...(slotMs === null ? [] : [`${slotMs} ms of slots`]),
    ...(cacheHit === true ? ['from the cache'] : []),
  ]
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}
