import { createHash } from 'node:crypto'
import type { JsonObject } from '#workflows/domain/json.ts'

/** What identifies a job: the same values are the same job, whichever worker asks. */
export interface JobIdentity {
  readonly attemptId: number
  readonly sessionUuid: string
  /** Told apart by id as well as by name: a group that is run again has tasks of the same names. */
  readonly taskId: number
  readonly fullName: string
  /** Logical try; a lost worker does not count. */
  readonly retries: number
  readonly configuration: JsonObject
}

/** Hash of everything that makes the job this job; stored as a label so that a join can check it. */
export function jobFingerprint(identity: JobIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([identity.sessionUuid, identity.taskId, identity.configuration]))
    .digest('hex')
    .slice(0, 40)
}

/** `suiro_<attempt>_<task>_<retries>_<hash>`: BigQuery allows letters, digits, `_` and `-`, up to 1,024. */
export function jobId(identity: JobIdentity, fingerprint: string): string {
  const task = identity.fullName.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+/, '')
  const hash = fingerprint.slice(0, 12)
  return `suiro_${identity.attemptId}_${task.slice(-900)}_${identity.retries}_${hash}`
}

/** The id of the job that replaces one which BigQuery itself could not carry out. */
export const replacementJobId = (firstId: string, round: number): string =>
  round === 0 ? firstId : `${firstId}_r${round}`
