import type { JsonObject } from '#workflows/domain/json.ts'
import { CallFailure, isRefusal, type BigQueryApi } from './api.ts'
import { readJob, type JobReport } from './job-report.ts'
import { untilAnswered, type Waiting } from './patience.ts'
import { mayHaveArrived, NotOurs, Refused, UnknownFate } from './unknown-fate.ts'

/** A job with the id it was given before anybody was asked to run it; stored in the task's state. */
export interface PlannedJob {
  readonly projectId: string
  /** Absent: BigQuery decides, from the data sets. */
  readonly location?: string
  readonly jobId: string
  readonly fingerprint: string
  readonly configuration: JsonObject
}

export type JobPlace = Pick<PlannedJob, 'projectId' | 'location' | 'jobId'>

/**
 * Starts the job, or joins the one that an earlier try has started. Where the start failed and the job may be
 * there all the same, nothing ends before BigQuery says which.
 */
export async function findOrStart(
  api: BigQueryApi,
  job: PlannedJob,
  waiting: Waiting,
  /** An earlier worker may have started it. */
  mayExist: boolean,
): Promise<{ readonly report: JobReport; readonly joined: boolean }> {
  let unknown = mayExist
  const insert = async (): Promise<JsonObject> => {
    try {
      return await insertJob(api, job)
    } catch (error) {
      unknown ||= mayHaveArrived(error)
      throw error
    }
  }
  try {
    // An insert whose answer was lost is repeated with the same id: it is refused if it had worked.
    return { report: readJob(await untilAnswered(insert, waiting)), joined: false }
  } catch (error) {
    if (isRefusal(error, 409)) return { report: await join(api, job, error, waiting), joined: true }
    if (!(error instanceof CallFailure)) throw error
    if (!unknown) throw new Refused(error.trouble)
    return { report: await foundAfter(error, api, job, waiting), joined: true }
  }
}

/** The job that an insert has started although it failed; throws its failure when there is none. */
async function foundAfter(
  failure: CallFailure,
  api: BigQueryApi,
  job: PlannedJob,
  waiting: Waiting,
): Promise<JobReport> {
  try {
    return await untilKnown(api, job, waiting)
  } catch (error) {
    if (!isRefusal(error, 404)) throw error
    // Without its location a job outside of the US and the EU is not found, though it is there.
    throw job.location === undefined ? new UnknownFate(failure.trouble) : failure
  }
}

/**
 * A job's state, asked for until BigQuery reports it: a refusal (an expired key, a permission taken away) or an
 * outage says nothing about the job. Throws UnknownFate when BigQuery does not find it.
 */
export async function untilKnown(
  api: BigQueryApi,
  job: JobPlace,
  waiting: Waiting,
): Promise<JobReport> {
  try {
    return await untilAnswered(
      () => getJob(api, job),
      waiting,
      (failure) => (isRefusal(failure, 404) ? waiting.pace.missingMs : Infinity),
    )
  } catch (error) {
    throw error instanceof CallFailure ? new UnknownFate(error.trouble) : error
  }
}

/** A job's state; its location is needed everywhere but in the US and the EU. */
export const getJob = async (api: BigQueryApi, job: JobPlace): Promise<JobReport> =>
  readJob(await api({ method: 'GET', path: `/jobs/${job.jobId}`, ...placed(job) }))

/** Asks BigQuery to stop a job; it may take its time, or not manage. */
export const cancelJob = async (api: BigQueryApi, job: JobPlace): Promise<void> => {
  await api({ method: 'POST', path: `/jobs/${job.jobId}/cancel`, ...placed(job) })
}

const placed = ({ projectId, location }: JobPlace) => ({
  projectId,
  ...(location !== undefined && { query: { location } }),
})

const insertJob = (api: BigQueryApi, job: PlannedJob): Promise<JsonObject> => {
  const { projectId, location, jobId, configuration } = job
  const jobReference = { projectId, jobId, ...(location !== undefined && { location }) }
  return api({ method: 'POST', path: '/jobs', projectId, body: { jobReference, configuration } })
}

async function join(
  api: BigQueryApi,
  job: PlannedJob,
  refusal: CallFailure,
  waiting: Waiting,
): Promise<JobReport> {
  const location = job.location ?? locationIn(refusal.message)
  const place = { ...job, ...(location !== undefined && { location }) }
  const report = await untilKnown(api, place, waiting)
  if (report.fingerprint !== job.fingerprint) {
    throw new NotOurs(
      `BigQuery has a job ${job.jobId} already, and it is not this task's: its label differs`,
    )
  }
  return report
}

/** Just after a 409 the job may not be found for a while. */
export const hopeToFind =
  ({ pace }: Waiting) =>
  (failure: CallFailure): number =>
    isRefusal(failure, 404) ? pace.missingMs : 0

/** The refusal names the job in full: `Already Exists: Job project:location.id`. */
const locationIn = (message: string): string | undefined =>
  /Job [^\s:]+(?::[^\s:]+)?:(?<location>[A-Za-z0-9-]+)\./.exec(message)?.groups?.['location']
