import { textOf, type JsonObject } from '../../domain/json.ts'
import { nearest } from '../did-you-mean.ts'
import type { OperatorSyntax } from '../operators/spec.ts'
import { notSupported, unsupportedOperator } from '../operators/unsupported.ts'
import type { Report } from '../report.ts'
import { checkOperatorOrder } from './directives.ts'
import { operatorKeys } from './keys.ts'
import { isNamedInFile } from './named-in-files.ts'

/** What is beside an operator, and whether there is such an operator. */
export function checkOperator(
  name: string,
  key: string,
  mapping: JsonObject,
  report: Report,
): void {
  const syntax = report.operators.get(name)
  const refused = syntax === undefined ? unsupportedOperator(name) : undefined
  if (refused !== undefined) {
    report.unsupported(
      'OPERATOR_NOT_SUPPORTED',
      notSupported(name, refused.service),
      { mapping, key },
      refused.advice,
    )
    return
  }
  if (syntax === undefined) {
    const near = nearest(name, report.operators.keys())
    // Digdag takes such a project too, and the task fails when it runs: a branch may never come to it.
    report.warning(
      'OPERATOR_UNKNOWN',
      `Unknown task type: ${name}`,
      { mapping, key },
      near === undefined
        ? `No operator is called "${name}>"; the task will fail unless a worker has one of that name.`
        : `Did you mean "${near}>"?`,
    )
    return
  }
  if (syntax.needsCommand && (mapping[key === '_type' ? '_command' : key] ?? null) === null) {
    report.warning(
      'OPERATOR_COMMAND',
      `${name}> has nothing to do: Parameter '_command' is required but not set`,
      { mapping, key },
      `Write something after "${name}>:"; the task fails otherwise.`,
    )
  }
  checkParameters(syntax, mapping, report)
}

function checkParameters(syntax: OperatorSyntax, mapping: JsonObject, report: Report): void {
  for (const key of Object.keys(mapping)) {
    if (key.endsWith('>') || key.startsWith('+')) continue
    if ((operatorKeys as readonly string[]).includes(key))
      checkDirective(syntax, key, mapping, report)
    else if (key.startsWith('_')) checkMisspelt(key, operatorKeys, mapping, report)
    else if (syntax.options !== undefined) checkOption(syntax, syntax.options, key, mapping, report)
  }
  const { bodies } = syntax
  if (bodies !== undefined && bodies.every((body) => mapping[body] === undefined)) {
    report.warning(
      'OPERATOR_BODY',
      bodies.length > 1
        ? 'Both _do and _else_do are not specified.'
        : "Parameter '_do' is required but not set",
      { mapping },
      `Write what ${syntax.name}> is to run below "_do:", for example "  echo>: hi"; the task fails otherwise.`,
    )
  }
}

/** A directive that this operator never looks at. */
function checkDirective(
  { name, bodies, makesTasks, retry, runsCommand }: OperatorSyntax,
  key: string,
  mapping: JsonObject,
  report: Report,
): void {
  const why = new Map<string, string | false>([
    [
      '_do',
      bodies?.includes('_do') !== true && 'Only if>, loop>, for_each> and for_range> run it.',
    ],
    ['_else_do', bodies?.includes('_else_do') !== true && 'Only if> runs it.'],
    ['_env', runsCommand !== true && 'It is for operators that start a command: sh>, py>, rb>.'],
    [
      '_parallel',
      makesTasks !== true &&
        'It says how the tasks of a group run: write it beside them, or beside the "_do:" of a loop.',
    ],
    [
      '_retry',
      retry === 'none' &&
        'Put the task into a group and "_retry:" on that: a group is retried with all its tasks.',
    ],
  ]).get(key)
  if (why !== undefined && why !== false) {
    const message = `${key} has no effect on ${name}>`
    report.warning('DIRECTIVE_IGNORED', message, { mapping, key }, why)
  } else if (key === '_parallel') checkOperatorOrder(mapping, report)
}

function checkOption(
  { name, defaults, inherits = [], refusedOptions = [], rendersFile = [] }: OperatorSyntax,
  options: readonly string[],
  key: string,
  mapping: JsonObject,
  report: Report,
): void {
  if (options.includes(key) || key === defaults || inherits.includes(key)) return
  const isRefused = refusedOptions.includes(key)
  if (!isRefused && checkMisspelt(key, options, mapping, report)) return
  // A parameter may be there for an expression, in the task itself or in the file it renders.
  const paths = rendersFile.map((param) => mapping[param === '_command' ? `${name}>` : param])
  if (isMentioned(key, mapping) || paths.some((path) => isNamedInFile(key, path, report.files))) {
    return
  }
  report.warning(
    'OPTION_UNKNOWN',
    `Parameter '${key}' is not used at task`,
    { mapping, key },
    isRefused
      ? refusal(name, key)
      : options.length === 0
        ? `${name}> has no options. What other tasks are to see belongs below "_export:".`
        : `Options of ${name}> are ${options.join(', ')}. What other tasks are to see belongs below "_export:".`,
  )
}

/** For an option that others know, and that does nothing here. */
export const refusal = (name: string, key: string): string =>
  `Others know "${key}:", ${name}> does not, and nothing is done by it: take it out.`

/** Whether an expression in the task's own values names a key. */
function isMentioned(key: string, mapping: JsonObject): boolean {
  const others = Object.entries(mapping).filter(([other]) => other !== key)
  return others.some(([, value]) => {
    const text = textOf(value)
    return text.includes('${') && text.includes(key)
  })
}

/** Reports a key that is nearly a known one; short words are too near to too many. */
export function checkMisspelt(
  key: string,
  known: readonly string[],
  mapping: JsonObject,
  report: Report,
): boolean {
  const mostEdits = key.length < 5 ? 0 : key.length < 8 ? 1 : 2
  const near = nearest(key, known, mostEdits)
  if (near === undefined) return false
  report.warning(
    'OPTION_UNKNOWN',
    `Parameter '${key}' is not used at task`,
    { mapping, key },
    `Did you mean "${near}:"?`,
  )
  return true
}
