import type { LeftJob, UsageEnd, Usages } from '#store/usages.ts'
import type { Secrets } from '#store/secrets.ts'
import { isObject } from '#workflows/domain/json.ts'
import { createMask } from '../secrets/mask.ts'
import { createTaskSecrets } from '../secrets/task-secrets.ts'
import { accountSecrets, createApis, type BigQueryDeps } from './account.ts'
import { isRefusal, type BigQueryApi } from './api.ts'
import { readEnd } from './job-report.ts'
import { cancelJob, getJob, type JobPlace } from './start-job.ts'

/** A job that was asked for may come to light this late. */
const missingSeconds = 600

/** BigQuery itself ends a job after some hours. */
const oldestSeconds = 2 * 24 * 3600

const mostAtOnce = 20

export interface JobSweepDeps {
  readonly bigquery: BigQueryDeps
  readonly usages: Pick<Usages, 'claimLeft' | 'end'>
  readonly secrets: Pick<Secrets, 'get'>
  readonly log: (text: string) => void
}

/**
 * Cancels jobs that nobody waits for any more (their worker died and their attempt was killed, or BigQuery did
 * not answer when they were to be stopped) until each of them says that it has ended. Side by side with other
 * workers this is harmless.
 */
export function createJobSweep({ bigquery, usages, secrets, log }: JobSweepDeps) {
  const apiOf = createApis(bigquery)

  /** Answers whether the job has ended, and writes down how. */
  async function ended(api: BigQueryApi, left: LeftJob, place: JobPlace): Promise<boolean> {
    const end = await endOf(api, place, left.ageSeconds)
    if (end === undefined) return false
    await usages.end(left, end)
    return true
  }

  async function look(left: LeftJob): Promise<void> {
    const place: JobPlace = {
      projectId: left.project,
      jobId: left.job,
      ...(left.location !== null && { location: left.location }),
    }
    const api = apiOf(await credentialOf(left, secrets), left.project)
    if (await ended(api, left, place)) return
    await cancelJob(api, place)
    log(`BigQuery job ${left.job} was left behind by its task; it is asked to stop`)
    await ended(api, left, place)
  }

  return async (): Promise<void> => {
    const left = await usages.claimLeft(mostAtOnce)
    await Promise.all(
      left.map(async (job) => {
        try {
          await look(job)
        } catch (error) {
          // It may never have been started, or not be found yet.
          if (isRefusal(error, 404)) return
          if (job.ageSeconds > oldestSeconds)
            await usages.end(job, { state: 'unknown', reason: null }).catch(() => undefined)
          log(
            `BigQuery job ${job.job} was left behind by its task and cannot be asked: ${String(error)}`,
          )
        }
      }),
    )
  }
}

/** What is known of a job's end; undefined while it may run. */
async function endOf(
  api: BigQueryApi,
  place: JobPlace,
  ageSeconds: number,
): Promise<UsageEnd | undefined> {
  try {
    const report = await getJob(api, place)
    return report.state === 'DONE' ? readEnd(report) : undefined
  } catch (error) {
    if (isRefusal(error, 404) && ageSeconds > missingSeconds)
      return { state: 'unknown', reason: 'notFound' }
    throw error
  }
}

const credentialOf = (
  { projectId, mounts }: LeftJob,
  secrets: Pick<Secrets, 'get'>,
): Promise<string | undefined> =>
  createTaskSecrets({
    secrets,
    projectId,
    allowed: accountSecrets,
    mounts: isObject(mounts) ? mounts : {},
    mask: createMask(),
  }).get('gcp.credential')
