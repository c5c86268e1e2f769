import type { Json } from '#workflows/domain/json.ts'
import { isRefusal, type BigQueryApi } from './api.ts'
import { advice } from './failure-reasons.ts'
import { replacementJobId } from './job-id.ts'
import { fullJobId, type JobReport } from './job-report.ts'
import { backOff, pause, untilAnswered, type Pace, type Waiting } from './patience.ts'
import { isShutdown } from './shutdown.ts'
import {
  cancelJob,
  findOrStart,
  getJob,
  hopeToFind,
  type JobPlace,
  type PlannedJob,
} from './start-job.ts'

// J1. The job's id and configuration are saved before the first insert, and only that id is ever inserted.
// J2. A new id is taken only after the old job is DONE with a reason that passes, and saved before its insert.
// J3. A job is canceled when the attempt was killed, never because its worker goes away.

/** A job with the number of jobs it replaces. */
export interface SavedJob extends PlannedJob {
  readonly firstJobId: string
  readonly round: number
}

export interface JobEnvironment {
  readonly api: BigQueryApi
  readonly pace: Pace
  readonly signal: AbortSignal
  readonly heartbeat: (details: Json) => void
  readonly log: (text: string) => void
  /** Keeps the job where the next worker finds it. */
  readonly save: (job: SavedJob) => Promise<void>
  /** Told once for each job that runs. */
  readonly started: (fullJobId: string) => void
}

/** Runs a job to its end, however many workers that takes; the report says whether it went well. */
export async function runJob(saved: SavedJob, environment: JobEnvironment): Promise<JobReport> {
  let job = saved
  for (;;) {
    const report = await runOnce(job, environment)
    const { failure } = report
    if (!failure || advice(failure) === 'never') return report
    if (job.round >= environment.pace.replacements) return report

    const round = job.round + 1
    environment.log(
      `BigQuery could not carry out job ${fullJobId(report)} (${failure.reason}: ${failure.message}); starting it anew`,
    )
    await pause(backOff(environment.pace, round, failure), environment.signal)
    job = {
      ...job,
      location: report.location,
      round,
      jobId: replacementJobId(job.firstJobId, round),
    }
    await environment.save(job)
  }
}

async function runOnce(job: SavedJob, environment: JobEnvironment): Promise<JobReport> {
  const { api, pace, signal, heartbeat, log, save } = environment
  let place: JobPlace = job
  const waiting: Waiting = {
    pace,
    signal,
    alive: () => heartbeat({ job: place.jobId, state: 'asking' }),
  }
  try {
    const { report, joined } = await findOrStart(api, job, waiting)
    place = report
    if (job.location === undefined) await save({ ...job, location: report.location })
    log(`BigQuery job ${fullJobId(report)} ${joined ? 'joined' : 'started'}`)
    environment.started(fullJobId(report))
    return await untilDone(report, environment)
  } catch (error) {
    if (signal.aborted && !isShutdown(signal.reason)) await stop(place, environment)
    throw error
  }
}

async function untilDone(first: JobReport, environment: JobEnvironment): Promise<JobReport> {
  const { api, pace, signal, heartbeat } = environment
  let report = first
  let wait = pace.firstPollMs
  const waiting: Waiting = { pace, signal, alive }
  function alive(): void {
    heartbeat({ job: fullJobId(report), state: report.state })
  }
  while (report.state !== 'DONE') {
    alive()
    await pause(wait, signal)
    report = await untilAnswered(() => getJob(api, first), waiting, hopeToFind(waiting))
    wait = Math.min(wait * 1.5, pace.longestPollMs)
  }
  return report
}

// A job whose insert was not answered may still be on its way when its task is killed.
const onItsWayMs = 10_000

/** Cancels a killed task's job and waits until it has stopped, or until it is clear that it never ran. */
async function stop(job: JobPlace, { api, pace, heartbeat, log }: JobEnvironment): Promise<void> {
  const waiting: Waiting = {
    pace,
    alive: () => heartbeat({ job: job.jobId, state: 'canceling' }),
  }
  try {
    await untilAnswered(
      () => cancelJob(api, job),
      waiting,
      (failure) => Math.min(hopeToFind(waiting)(failure), onItsWayMs),
    )
    const since = Date.now()
    for (let wait = pace.firstPollMs; ; wait = Math.min(wait * 1.5, pace.longestPollMs)) {
      const report = await untilAnswered(() => getJob(api, job), waiting)
      if (report.state === 'DONE') return log(`BigQuery job ${job.jobId} canceled`)
      if (Date.now() - since > pace.stopMs) {
        return log(`BigQuery job ${job.jobId} was told to stop and is still ${report.state}`)
      }
      await pause(wait)
    }
  } catch (error) {
    if (!isRefusal(error, 404)) log(`BigQuery job ${job.jobId} was not canceled: ${String(error)}`)
  }
}
