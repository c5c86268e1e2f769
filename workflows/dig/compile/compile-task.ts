import { isObject, textOf, type JsonObject } from '../../domain/json.ts'
import type { TaskDefinition } from '../definition.ts'
import { nearest } from '../did-you-mean.ts'
import type { Report } from '../report.ts'
import { bodyOf } from './body.ts'
import { checkNames, flag, groupOrder, retryOf } from './directives.ts'
import { configAndExports, without } from './exports.ts'
import { groupKeys } from './keys.ts'
import { checkTaskName } from './names.ts'
import { checkOperator } from './operator.ts'
import { upstreamsOf } from './upstreams.ts'
import { sample } from './values.ts'

/** Compiles one task's mapping with everything below it. */
export function compileTask(name: string, mapping: JsonObject, report: Report): TaskDefinition {
  const operators = Object.keys(mapping).filter((key) => key.endsWith('>') || key === '_type')
  if (flag(mapping, '_disable', report)) {
    // It succeeds at once; neither its operator nor its tasks are ever looked at.
    return { name, config: { _disable: true }, exports: {}, upstreams: [], children: [] }
  }
  checkNames(mapping, '_secrets', report)
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
      if (body !== undefined) checkTopOnly(body, report)
      return body === undefined ? [] : [{ name, mapping: body }]
    })
  const upstreams = upstreamsOf(siblings, groupOrder(mapping, report), report)
  return siblings.map((sibling, place) => ({
    ...compileTask(sibling.name, sibling.mapping, report),
    upstreams: upstreams[place] ?? [],
  }))
}

/** Digdag lets a group have these, and never looks at them. */
function checkTopOnly(mapping: JsonObject, report: Report): void {
  if (Object.keys(mapping).some((key) => key.endsWith('>') || key === '_type')) return
  for (const key of ['timezone', 'schedule', 'sla']) {
    if (mapping[key] === undefined) continue
    report.warning(
      'DIRECTIVE_IGNORED',
      `"${key}:" has no effect below a task`,
      { mapping, key },
      'Write it at the left margin of the file: it is for the whole workflow.',
    )
  }
}

function compileOperator(
  name: string,
  mapping: JsonObject,
  operators: readonly string[],
  report: Report,
): TaskDefinition {
  const child = Object.keys(mapping).find((key) => key.startsWith('+'))
  const own = without(mapping, (key) => key.startsWith('+'))
  const [first = '', second] = operators
  if (second !== undefined) {
    report.problem(
      'TWO_OPERATORS',
      `A task can't have more than one operator: ${sample(own)}`,
      { mapping, key: second },
      `Make a task of its own out of "${second}", or group both: "${name}:" with "+first:" and "+second:" below it.`,
    )
  }
  if (child !== undefined) {
    report.problem(
      'OPERATOR_AND_SUBTASKS',
      `A task can't have subtasks: ${sample(own)}`,
      { mapping, key: child },
      `A task has either an operator ("${first}") or tasks below it: move "${first}" into a task of its own.`,
    )
  }
  const operator = first === '_type' ? textOf(mapping['_type']) : first.slice(0, -1)
  checkOperator(operator, first, mapping, report)
  checkNames(mapping, '_env', report)
  const retry = retryOf(mapping, 'operator', report)
  compileError(name, mapping, report)
  compileBodies(name, mapping, report)
  return {
    name,
    operator,
    ...configAndExports(mapping, report),
    ...(retry === undefined ? {} : { retry }),
    children: [],
  }
}

function compileGroup(name: string, mapping: JsonObject, report: Report): TaskDefinition {
  for (const key of Object.keys(mapping)) {
    if (key.startsWith('+') || (groupKeys as readonly string[]).includes(key)) continue
    const near = nearest(key, [
      ...groupKeys,
      ...[...report.operators.keys()].map((known) => `${known}>`),
    ])
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
  const retry = retryOf(mapping, 'group', report)
  compileError(name, mapping, report)
  return {
    name,
    ...configAndExports(mapping, report),
    ...(retry === undefined ? {} : { retry }),
    children: compileChildren(mapping, report, false),
  }
}

/** `_error` is made when all else is lost, so its mistakes refuse a push, as in Digdag. */
function compileError(name: string, mapping: JsonObject, report: Report): void {
  const body = mapping['_error']
  if (isObject(body)) compileTask(`${name}^error`, body, report)
  else if (body === null) warnNothing(mapping, '_error', report)
  else if (body !== undefined) {
    report.problem(
      'DIRECTIVE_VALUE',
      "Parameter '_error' must be an object",
      { mapping, key: '_error' },
      'Write a task below "_error:", for example "echo>: it went wrong".',
    )
  }
}

function warnNothing(mapping: JsonObject, key: '_check' | '_error', report: Report): void {
  report.warning(
    'DIRECTIVE_IGNORED',
    `There is nothing below "${key}:", so it has no effect`,
    { mapping, key },
    `Write a task below it, for example "echo>: hi", or remove it; check the indentation.`,
  )
}

/** Digdag looks at these only when they are about to run, so a mistake in them is no refusal. */
function compileBodies(name: string, mapping: JsonObject, report: Report): void {
  for (const key of ['_check', '_do', '_else_do'] as const) {
    const body = mapping[key]
    const made = key === '_check' ? 'check' : 'sub'
    if (isObject(body)) compileTask(`${name}^${made}`, body, report.asWarnings())
    else if (body === null && key === '_check') warnNothing(mapping, key, report)
    else if (body !== undefined) {
      report.warning(
        'DIRECTIVE_VALUE',
        `Parameter '${key}' must be an object`,
        { mapping, key },
        `Write a task below "${key}:", for example "echo>: hi"; the task fails otherwise.`,
      )
    }
  }
}
