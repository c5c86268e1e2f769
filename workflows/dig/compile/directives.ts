import { isCollection, isObject, type Json, type JsonObject } from '../../domain/json.ts'
import type { RetryRule } from '../../domain/retry.ts'
import { nearest } from '../did-you-mean.ts'
import type { Report } from '../report.ts'
import { readParallel, type Parallel } from './parallel.ts'
import { readRetry } from './retry.ts'
import { isEvaluatedLater, readBoolean, sample } from './values.ts'

/** A directive that is `true` or `false` at push; what is neither is a problem. */
export function flag(mapping: JsonObject, key: string, report: Report): boolean {
  const value = mapping[key]
  if (value === undefined || value === null) return false
  const read = readBoolean(value)
  if (read === undefined) {
    report.problem(
      'DIRECTIVE_VALUE',
      `Expected 'true' or 'false' for key '${key}' but got ${sample(value)}`,
      { mapping, key },
      isEvaluatedLater(value)
        ? `"${key}" is read when the project is pushed, so a variable has no value yet. Write true or false; if> decides at run time.`
        : `Write "${key}: true" or "${key}: false".`,
    )
  }
  return read ?? false
}

/** `_parallel` of a group, which is read at push. */
export function groupOrder(mapping: JsonObject, report: Report): Parallel {
  const parallel = readParallel(mapping['_parallel'])
  if (typeof parallel !== 'string') return parallel
  report.problem(
    'DIRECTIVE_VALUE',
    parallel,
    { mapping, key: '_parallel' },
    'Write "_parallel: true", "_parallel: false" or "_parallel: {limit: 3}"; a variable is not evaluated here.',
  )
  return { kind: 'sequence' }
}

/** `_parallel` of a task that makes tasks: evaluated when it runs, so that only literals are checked. */
export function checkOperatorOrder(mapping: JsonObject, report: Report): void {
  const value = mapping['_parallel']
  if (isEvaluatedLater(value)) return
  const parallel = readParallel(value)
  if (typeof parallel === 'string') {
    report.warning(
      'DIRECTIVE_VALUE',
      `${parallel}: the task will fail`,
      { mapping, key: '_parallel' },
      'Write "_parallel: true", "_parallel: false" or "_parallel: {limit: 3}".',
    )
  }
}

/** `_retry` where it is a literal; a wrong one is no refusal, because Digdag reads it when it runs. */
export function retryOf(
  mapping: JsonObject,
  of: 'group' | 'operator',
  report: Report,
): RetryRule | undefined {
  const written = mapping['_retry']
  if (written === undefined) return undefined
  const about = { mapping, key: '_retry' }
  if (isObject(written)) checkRetryKeys(written, report)
  const retry = readRetry(written)
  if (typeof retry !== 'string') return retry
  if (of === 'operator' && isEvaluatedLater(written)) return undefined
  report.warning(
    'DIRECTIVE_VALUE',
    of === 'group' ? `${retry}: the group is not retried` : `${retry}: the task will fail`,
    about,
    `Write "_retry: 3" or "_retry: {limit: 3, interval: 10}"${of === 'group' ? '; a variable is not evaluated on a group' : ''}.`,
  )
  return undefined
}

const retryKeys = ['limit', 'interval', 'interval_type', 'max_interval'] as const

function checkRetryKeys(retry: JsonObject, report: Report): void {
  for (const key of Object.keys(retry)) {
    if ((retryKeys as readonly string[]).includes(key)) continue
    const near = nearest(key, retryKeys)
    report.warning(
      'DIRECTIVE_IGNORED',
      `Parameter '${key}' is not used at _retry`,
      { mapping: retry, key },
      near === undefined ? `"_retry:" knows ${retryKeys.join(', ')}.` : `Did you mean "${near}:"?`,
    )
  }
}

/** `_env` and `_secrets`: mappings of names, read when the task runs. */
export function checkNames(mapping: JsonObject, key: '_env' | '_secrets', report: Report): void {
  const value: Json | undefined = mapping[key]
  if (value === undefined || value === null) return
  const example = key === '_env' ? 'TABLE: orders' : 'pg.password: other.password'
  if (!isObject(value)) {
    report.warning(
      'DIRECTIVE_VALUE',
      `Parameter '${key}' must be an object`,
      { mapping, key },
      `Write names and values below "${key}:", for example "  ${example}".`,
    )
    return
  }
  for (const [name, item] of Object.entries(value)) {
    const fits = key === '_env' ? !isCollection(item) : item === true || typeof item === 'string'
    if (fits) continue
    report.warning(
      'DIRECTIVE_VALUE',
      `${key} has no text for "${name}" but ${sample(item)}`,
      { mapping: value, key: name },
      `Write one text, for example "${example}".`,
    )
  }
}
