import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import type { JobUsage } from '#store/types.ts'
import { fingerprintLabel } from './labels.ts'

/** An entry of BigQuery's `errors`. */
export interface JobError {
  readonly reason: string
  readonly message: string
  /** What it is about: `query`, a file, a field. */
  readonly location?: string
}

/** What BigQuery says of a job. */
export interface JobReport {
  readonly projectId: string
  readonly location: string
  readonly jobId: string
  readonly state: string
  /** The job failed with this. */
  readonly failure?: JobError
  /** All that went wrong on the way; a job may be done well in spite of it. */
  readonly errors: readonly JobError[]
  /** Who the job says it belongs to. */
  readonly fingerprint?: string
  readonly statistics: JsonObject
}

/** `project:location.job`, BigQuery's own full name of a job. */
export const fullJobId = (job: Pick<JobReport, 'projectId' | 'location' | 'jobId'>): string =>
  `${job.projectId}:${job.location}.${job.jobId}`

/** Reads the answer of jobs.insert or jobs.get. */
export function readJob(resource: JsonObject): JobReport {
  const reference = objectAt(resource, 'jobReference')
  const status = objectAt(resource, 'status')
  const labels = objectAt(objectAt(resource, 'configuration'), 'labels')
  const failure = status['errorResult']
  const errors = status['errors']
  const fingerprint = labels[fingerprintLabel]
  return {
    projectId: textAt(reference, 'projectId'),
    location: textAt(reference, 'location'),
    jobId: textAt(reference, 'jobId'),
    state: textAt(status, 'state'),
    ...(isObject(failure) && { failure: readError(failure) }),
    errors: Array.isArray(errors) ? errors.filter(isObject).map(readError) : [],
    ...(typeof fingerprint === 'string' && { fingerprint }),
    statistics: objectAt(resource, 'statistics'),
  }
}

/** What a finished job has used; loads and extracts are not billed by bytes. */
export function readUsage(report: JobReport): JobUsage {
  const query = objectAt(report.statistics, 'query')
  const cacheHit = query['cacheHit']
  return {
    job: fullJobId(report),
    bytesBilled: numberOf(query['totalBytesBilled']),
    slotMs: numberOf(report.statistics['totalSlotMs'] ?? query['totalSlotMs']),
    cacheHit: typeof cacheHit === 'boolean' ? cacheHit : null,
  }
}

const readError = (error: JsonObject): JobError => {
  const location = error['location']
  return {
    reason: textAt(error, 'reason'),
    message: textAt(error, 'message'),
    ...(typeof location === 'string' && location !== '' && { location }),
  }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isObject(value) ? value : {}
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

/** BigQuery writes its 64-bit integers as text. */
function numberOf(value: Json | undefined): number | null {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : null
}
