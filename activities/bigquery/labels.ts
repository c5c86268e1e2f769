import { isCollection, isObject, textOf, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'

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

const key = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u
const value = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u

/** The task's own `labels`, at the task or below `bq`; another parameter of this name is none of them. */
export function configuredLabels(config: Config<'bq' | 'labels'>): {
  readonly labels?: JsonObject
} {
  const below = config.optionalObject('bq') ?? {}
  if (!config.isLocal('labels') && !('labels' in below)) return {}
  const asked = config.optionalObject('labels')
  if (asked === undefined) return {}
  const inherited = below['labels']
  const labels: Record<string, string> = {}
  for (const [name, given] of Object.entries({
    ...(isObject(inherited) ? inherited : {}),
    ...asked,
  })) {
    if (name.startsWith('suiro_')) {
      throw configError(`The label ${name} is not yours to set: suiro_… are set for every job`)
    }
    if (!key.test(name) || given === null || isCollection(given) || !value.test(textOf(given))) {
      throw configError(
        `BigQuery takes no label ${name}: ${JSON.stringify(given)}; keys and values are up to 63 small letters, digits, _ and -, and a key begins with a letter`,
      )
    }
    labels[name] = textOf(given)
  }
  return { labels }
}
