import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import type { UsageEnd, UsageFigures } from '#store/usages.ts'
import { fingerprintLabel } from './labels.ts'

/** An entry of BigQuery's `errors`. */
export interface JobError {
  readonly reason: string
  readonly message: string
  /** What it is about: a file, a field. That it is about the query (`query`) is no place. */
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

/** How a finished job ended, and what it used. */
export function readEnd(report: JobReport): UsageEnd {
  const { failure, location, statistics } = report
  const startedAt = timeOf(statistics['startTime'] ?? statistics['creationTime'])
  const endedAt = timeOf(statistics['endTime'])
  return {
    state:
      failure === undefined ? 'succeeded' : failure.reason === 'stopped' ? 'canceled' : 'failed',
    reason: failure?.reason ?? null,
    ...(location !== '' && { location }),
    ...(startedAt && { startedAt }),
    ...(endedAt && { endedAt }),
    ...readFigures(report),
  }
}

/**
 * What a finished job has used. Loads and extracts are not billed by bytes; what a script's statements used is
 * in the figures of the script.
 */
export function readFigures({ statistics }: JobReport): UsageFigures {
  const query = objectAt(statistics, 'query')
  const load = objectAt(statistics, 'load')
  const extract = objectAt(statistics, 'extract')
  const statementType = textAt(query, 'statementType')
  const cacheHit = query['cacheHit']
  const childJobs = integerOf(statistics['numChildJobs'])
  return {
    statementType: statementType === '' ? null : statementType,
    bytesProcessed: integerOf(
      query['totalBytesProcessed'] ??
        load['inputFileBytes'] ??
        extract['inputBytes'] ??
        statistics['totalBytesProcessed'],
    ),
    bytesBilled: integerOf(query['totalBytesBilled']),
    slotMs: integerOf(statistics['totalSlotMs'] ?? query['totalSlotMs']),
    rows: integerOf(query['numDmlAffectedRows'] ?? load['outputRows'] ?? rowsAnswered(query)),
    cacheHit: typeof cacheHit === 'boolean' ? cacheHit : null,
    childJobs: childJobs === null ? null : Number(childJobs),
  }
}

/** What the last stage of a query's plan has written. */
function rowsAnswered(query: JsonObject): Json | undefined {
  const plan = query['queryPlan']
  const last = Array.isArray(plan) ? plan.at(-1) : undefined
  return isObject(last) ? last['recordsWritten'] : undefined
}

const readError = (error: JsonObject): JobError => {
  const location = error['location']
  return {
    reason: textAt(error, 'reason'),
    message: textAt(error, 'message'),
    ...(typeof location === 'string' && isPlace(location) && { location }),
  }
}

/** BigQuery says `query` of a job's query, and `q` of one that is not kept. */
const isPlace = (location: string): boolean => !['', 'query', 'q'].includes(location)

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isObject(value) ? value : {}
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

/** BigQuery writes its 64-bit integers as text, since a number does not hold them all. */
function integerOf(value: Json | undefined): bigint | null {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !/^\d{1,19}$/.test(text)) return null
  const integer = BigInt(text)
  return integer > largest ? null : integer
}

const largest = 2n ** 63n - 1n

/** Milliseconds since 1970, as text. */
function timeOf(value: Json | undefined): Date | undefined {
  const milliseconds = integerOf(value)
  return milliseconds === null || milliseconds === 0n ? undefined : new Date(Number(milliseconds))
}
