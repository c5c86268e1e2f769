import { isObject, textOf, type Json, type JsonObject } from '../../domain/json.ts'
import type { TaskDefinition } from '../definition.ts'
import { nearest } from '../did-you-mean.ts'
import { unsupportedOperator } from '../operators.ts'
import type { Report } from '../report.ts'
import { checkTaskName } from './names.ts'
import { readParallel } from './parallel.ts'
import { readRetry } from './retry.ts'
import { upstreamsOf } from './upstreams.ts'

/** What a group may hold beside its tasks. */
const groupKeys = [
  'timezone',
  'schedule',
  'sla',
  '_parallel',
  '_background',
  '_after',
  '_error',
  '_check',
  '_retry',
  '_export',
  '_secrets',
  '_disable',
] as const

/** Compiles one task's mapping with everything below it. */
export function compileTask(name: string, mapping: JsonObject, report: Report): TaskDefinition {
  const operators = Object.keys(mapping).filter((key) => key.endsWith('>') || key === '_type')
  if (mapping['_disable'] === true) {
    // It succeeds at once; neither its operator nor its tasks are ever looked at.
    return { name, config: { _disable: true }, exports: {}, upstreams: [], children: [] }
  }
  return operators.length === 0
    ? compileGroup(name, mapping, report)
    : compileOperator(name, mapping, operators, report)
}

/** The children of a mapping, in written order, with what each waits for. */
export function compileChildren(
  mapping: JsonObject,
  report: Report,
  topLevel: boolean,
): readonly TaskDefinition[] {
  const siblings = Object.keys(mapping)
    .filter((key) => key.startsWith('+'))
    .flatMap((name) => {
      checkTaskName(name, topLevel, report, { mapping, key: name })
      const body = bodyOf(mapping, name, report)
      return body === undefined ? [] : [{ name, mapping: body }]
    })
  const parallel = readParallel(mapping['_parallel'])
  if (typeof parallel === 'string') {
    report.problem(
      'DIRECTIVE_VALUE',
      parallel,
      { mapping, key: '_parallel' },
      'Write "_parallel: true", "_parallel: false" or "_parallel: {limit: 3}"; a variable is not evaluated here.',
    )
  }
  const order = typeof parallel === 'string' ? ({ kind: 'sequence' } as const) : parallel
  const upstreams = upstreamsOf(siblings, order, report)
  return siblings.map((sibling, place) => ({
    ...compileTask(sibling.name, sibling.mapping, report),
    upstreams: upstreams[place] ?? [],
  }))
}

/** A task's body: a mapping, or a list of mappings that are taken as one. */
function bodyOf(mapping: JsonObject, name: string, report: Report): JsonObject | undefined {
  const value: Json | undefined = mapping[name]
  if (isObject(value)) return value
  const about = { mapping, key: name }
  if (value === null || value === undefined) {
    report.problem(
      'TASK_EMPTY',
      `Parameter '${name}' is required but null`,
      about,
      `Nothing stands below "${name}:". Give it an operator, for example "echo>: hi", or remove it; check the indentation.`,
    )
    return undefined
  }
  if (Array.isArray(value) && value.every(isObject)) {
    return Object.fromEntries(value.flatMap((part) => Object.entries(part)))
  }
  report.problem(
    'TASK_BODY',
    `Parameter '${name}' must be an object`,
    about,
    `A task is a mapping: write the operator in a line of its own below "${name}:", for example "echo>: hi".`,
  )
  return undefined
}

function compileOperator(
  name: string,
  mapping: JsonObject,
  operators: readonly string[],
  report: Report,
): TaskDefinition {
  const children = Object.keys(mapping).filter((key) => key.startsWith('+'))
  const own = without(mapping, (key) => key.startsWith('+'))
  const [first = '', second] = operators
  if (second !== undefined) {
    report.problem(
      'TWO_OPERATORS',
      `A task can't have more than one operator: ${JSON.stringify(own)}`,
      { mapping, key: second },
      `Make a task of its own out of "${second}", or group both: "${name}:" with "+first:" and "+second:" below it.`,
    )
  }
  if (children[0] !== undefined) {
    report.problem(
      'OPERATOR_AND_SUBTASKS',
      `A task can't have subtasks: ${JSON.stringify(own)}`,
      { mapping, key: children[0] },
      `A task has either an operator ("${first}") or tasks below it: move "${first}" into a task of its own.`,
    )
  }
  const operator = first === '_type' ? textOf(mapping['_type']) : first.slice(0, -1)
  checkOperator(operator, { mapping, key: first }, report)
  const retry = mapping['_retry'] === undefined ? undefined : readRetry(mapping['_retry'])
  compileAttached(name, mapping, report)
  return {
    name,
    operator,
    ...shared(own, mapping, report),
    ...(retry === undefined || typeof retry === 'string' ? {} : { retry }),
    children: [],
  }
}

function checkOperator(
  operator: string,
  about: { readonly mapping: JsonObject; readonly key: string },
  report: Report,
): void {
  // An own operator may well be called like one of a service.
  if (report.operators.has(operator)) return
  const refused = unsupportedOperator(operator)
  if (refused !== undefined) {
    report.problem(
      'OPERATOR_NOT_SUPPORTED',
      `Operator ${operator}> is for ${refused.service}, which Suiro does not speak to`,
      about,
      refused.advice,
    )
  } else {
    const near = nearest(operator, report.operators)
    report.warning(
      'OPERATOR_UNKNOWN',
      `Unknown task type: ${operator}`,
      about,
      near === undefined
        ? `No operator is called "${operator}>"; the task will fail unless a worker has one of that name.`
        : `Did you mean "${near}>"?`,
    )
  }
}

function compileGroup(name: string, mapping: JsonObject, report: Report): TaskDefinition {
  for (const key of Object.keys(mapping)) {
    if (key.startsWith('+') || (groupKeys as readonly string[]).includes(key)) continue
    const near = nearest(key, [...groupKeys, ...[...report.operators].map((known) => `${known}>`)])
    report.problem(
      'UNKNOWN_KEY',
      `Task ${name} contains invalid keys: '${key}'${near === undefined ? '' : ` (did you mean ["${near}"]?)`}`,
      { mapping, key },
      near === undefined
        ? 'A task without an operator holds tasks ("+name:") and directives ("_export:") only. Parameters go into "_export:".'
        : `Write "${near}:" instead.`,
    )
  }
  if (mapping['_check'] !== undefined) {
    report.warning(
      'DIRECTIVE_IGNORED',
      '_check on a group is never run',
      { mapping, key: '_check' },
      'Add a task at the end of the group instead.',
    )
  }
  const retry = mapping['_retry'] === undefined ? undefined : readRetry(mapping['_retry'])
  if (typeof retry === 'string') {
    report.warning(
      'DIRECTIVE_VALUE',
      `${retry}: the group is not retried`,
      { mapping, key: '_retry' },
      'Write "_retry: 3" or "_retry: {limit: 3, interval: 10}"; a variable is not evaluated on a group.',
    )
  }
  compileAttached(name, mapping, report)
  const own = without(mapping, (key) => key.startsWith('+'))
  return {
    name,
    ...shared(own, mapping, report),
    ...(retry === undefined || typeof retry === 'string' ? {} : { retry }),
    children: compileChildren(mapping, report, false),
  }
}

/** `_error` and `_check` are made when they are needed; their mistakes are told at push. */
function compileAttached(name: string, mapping: JsonObject, report: Report): void {
  for (const key of ['_error', '_check'] as const) {
    const body = mapping[key]
    if (isObject(body)) compileTask(`${name}^${key.slice(1)}`, body, report)
    else if (body !== undefined) {
      report.problem(
        'DIRECTIVE_VALUE',
        `Parameter '${key}' must be an object`,
        { mapping, key },
        `Write a task below "${key}:", for example "echo>: it went wrong".`,
      )
    }
  }
  // Digdag looks at these only when they are about to run, so a mistake is no refusal.
  for (const key of ['_do', '_else_do'] as const) {
    const body = mapping[key]
    if (isObject(body)) compileTask(`${name}^sub`, body, report.asWarnings())
  }
}

/** Config as Digdag shows it (`_export` at the end), and the exports themselves. */
function shared(
  own: JsonObject,
  mapping: JsonObject,
  report: Report,
): Pick<TaskDefinition, 'config' | 'exports' | 'upstreams'> {
  const exported = mapping['_export']
  if (exported !== undefined && exported !== null && !isObject(exported)) {
    report.problem(
      'DIRECTIVE_VALUE',
      "Parameter '_export' must be an object",
      { mapping, key: '_export' },
      'Write names and values below "_export:", for example "  day: today".',
    )
  }
  const exports = isObject(exported) ? exported : {}
  // Where a task stands among its siblings is in its upstreams; Digdag does not show it as config.
  const rest = without(own, (key) => ['_export', '_after', '_background'].includes(key))
  const config = Object.keys(exports).length === 0 ? rest : { ...rest, _export: exports }
  return { config, exports, upstreams: [] }
}

const without = (mapping: JsonObject, drop: (key: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(mapping).filter(([key]) => !drop(key)))
