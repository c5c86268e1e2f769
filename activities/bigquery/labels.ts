import type { JsonObject } from '#workflows/domain/json.ts'

/** Label that carries the job's fingerprint. */
export const fingerprintLabel = 'suiro_fingerprint'

/** A label's value as BigQuery takes it: 63 small letters, digits, `_` and `-`; the end of a name says most. */
export const labelValue = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{Ll}\p{Lo}\p{N}_-]+/gu, '_')
    .replace(/^_+/, '')
    .slice(-63)

/** The labels by which a job's cost is found again in BigQuery's own tables. */
export const jobLabels = (task: {
  readonly projectName: string
  readonly workflowName: string
  readonly fullName: string
  readonly attemptId: number
}): JsonObject => ({
  suiro_project: labelValue(task.projectName),
  suiro_workflow: labelValue(task.workflowName),
  suiro_task: labelValue(task.fullName),
  suiro_attempt: String(task.attemptId),
})
