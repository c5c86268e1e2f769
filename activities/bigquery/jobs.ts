import type { UsageEnd } from '#store/usages.ts'
import type { Json } from '#workflows/domain/json.ts'
import { interruptionOf } from '../task/interruption.ts'
import { isRefusal, type BigQueryApi, type CallFailure } from './api.ts'
import { advice } from './failure-reasons.ts'
import { replacementJobId } from './job-id.ts'
import { fullJobId, readEnd, type JobReport } from './job-report.ts'
import { backOff, pause, untilAnswered, within, type Pace, type Waiting } from './patience.ts'
import { stillRunning, whyNotRun } from './unknown-fate.ts'
import {
  cancelJob,
  findOrStart,
  getJob,
  hopeToFind,
  untilKnown,
  type JobPlace,
  type PlannedJob,
} from './start-job.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

// J1. The job's id and configuration are saved before the first insert, and only that id is ever inserted.
// J2. A new id is taken only after the old job is DONE with a reason that passes, and saved before its insert.
// J3. A job is canceled when the attempt was killed, never because its worker goes away.
// J4. As long as nobody knows what became of a job, its task goes on asking: it never fails into a new one.
// J5. A kill waits a few seconds for the job's end; where it does not come, the sweep sees to it.
// J6. Each job's end is written down when it is seen, before the next job or the task's end.

/** A job with the number of jobs it replaces. */
export interface SavedJob extends PlannedJob {
  readonly firstJobId: string
  /** The file of the project that its query is from. */
  readonly file?: string
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
  /** Called once for each job that runs. */
  readonly started: (fullJobId: string) => void
  /** A job was seen to have ended, or to have been refused. */
  readonly ended: (job: JobPlace, end: UsageEnd) => Promise<void>
  /** An earlier worker may have started it. */
  readonly mayExist: boolean
}

/** Runs a job to its end, however many workers that takes; the report says whether it went well. */
export async function runJob(saved: SavedJob, environment: JobEnvironment): Promise<JobReport> {
  let job = saved
  for (let { mayExist } = environment; ; mayExist = false) {
    const report = await runOnce(job, { ...environment, mayExist })
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
    trouble: reporting(job, log),
  }
  try {
    const { report, joined } = await findOrStart(api, job, waiting, environment.mayExist)
    place = { projectId: job.projectId, jobId: job.jobId, location: report.location }
    if (job.location === undefined) await save({ ...job, location: report.location })
    log(`BigQuery job ${fullJobId(report)} ${joined ? 'joined' : 'started'}`)
    environment.started(fullJobId(report))
    const last = await untilDone(report, environment)
    await environment.ended(job, readEnd(last))
    return last
  } catch (error) {
    const reason = whyNotRun(error)
    if (reason !== undefined) await environment.ended(job, { state: 'not_run', reason })
    if (!signal.aborted || interruptionOf(signal) === 'moved') throw error
    const stopped = await stop(place, environment)
    if (!stopped && interruptionOf(signal) === 'overdue')
      throw stillRunning(place.jobId, signal.reason)
    throw error
  }
}

const reporting =
  ({ jobId }: JobPlace, log: (text: string) => void) =>
  ({ message }: CallFailure): void =>
    log(`BigQuery does not say what became of job ${jobId} (${message}); asking until it does`)

const betweenPolls = ({ firstPollMs, longestPollMs }: Pace, polls: number): number =>
  growingWait({ first: firstPollMs, most: longestPollMs, factor: 1.5 }, polls)

async function untilDone(first: JobReport, environment: JobEnvironment): Promise<JobReport> {
  const { api, pace, signal, heartbeat, log } = environment
  let report = first
  const waiting: Waiting = { pace, signal, alive, trouble: reporting(first, log) }
  function alive(): void {
    heartbeat({ job: fullJobId(report), state: report.state })
  }
  for (let polls = 0; report.state !== 'DONE'; polls += 1) {
    alive()
    await pause(betweenPolls(pace, polls), signal)
    report = await untilKnown(api, first, waiting)
  }
  return report
}

// A job whose insert was not answered may still be on its way when its task is killed.
const onItsWayMs = 2_000

/**
 * Cancels a killed task's job and waits until it has stopped, or until it is clear that it never ran; for a
 * few seconds only, since the job stays written down and others go on with it. False when it may still run.
 */
async function stop(job: JobPlace, environment: JobEnvironment): Promise<boolean> {
  const { pace, heartbeat, log, signal: killed } = environment
  // A task whose time is up is to fail, and may then run again: it has all the time for its job to end.
  const limit = interruptionOf(killed) === 'overdue' ? pace.stopMs * 100 : pace.stopMs
  const signal = AbortSignal.timeout(limit)
  const waiting: Waiting = {
    pace,
    signal,
    alive: () => heartbeat({ job: job.jobId, state: 'canceling' }),
  }
  try {
    const ended = await within(cancelAndSee(job, environment, waiting), signal)
    // One that is not found may still come to light: whoever looks later sees to it.
    if (ended === undefined) return false
    log(`BigQuery job ${job.jobId} canceled`)
    await environment.ended(job, readEnd(ended))
    return true
  } catch (error) {
    const why = signal.aborted ? 'it has not ended yet' : String(error)
    log(`BigQuery job ${job.jobId} was asked to stop: ${why}. Suiro goes on asking it until it has`)
    return false
  }
}

/** The report of its end; undefined when there is no such job. */
async function cancelAndSee(
  job: JobPlace,
  { api, pace }: JobEnvironment,
  waiting: Waiting,
): Promise<JobReport | undefined> {
  const { signal } = waiting
  try {
    await untilAnswered(
      () => cancelJob(api, job),
      waiting,
      (failure) => Math.min(hopeToFind(waiting)(failure), onItsWayMs),
    )
    for (let polls = 0; ; polls += 1) {
      const report = await untilAnswered(() => getJob(api, job), waiting)
      if (report.state === 'DONE') return report
      await pause(Math.min(betweenPolls(pace, polls), 1_000), signal)
    }
  } catch (error) {
    if (isRefusal(error, 404)) return undefined
    throw error
  }
}
