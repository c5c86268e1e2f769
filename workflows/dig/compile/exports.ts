import { isObject, type JsonObject } from '../../domain/json.ts'
import type { TaskDefinition } from '../definition.ts'
import type { Report } from '../report.ts'
import type { OperatorSyntax } from '../operators/spec.ts'
import { isNamedAnywhere } from './named-in-files.ts'
import { checkMisspelt, refusal } from './operator.ts'

/** Config as Digdag shows it (`_export` at the end), and the exports themselves. */
export function configAndExports(
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
  checkDefaults(exports, report)
  // Where a task is among its siblings is in its upstreams; Digdag does not show it as config.
  const rest = without(
    mapping,
    (key) => key.startsWith('+') || ['_export', '_after', '_background'].includes(key),
  )
  const config = Object.keys(exports).length === 0 ? rest : { ...rest, _export: exports }
  return { config, exports, upstreams: [] }
}

/** An exported mapping such as `bq:` holds options for all operators that read it. */
function checkDefaults(exports: JsonObject, report: Report): void {
  for (const [key, value] of Object.entries(exports)) {
    if (!isObject(value)) continue
    const readers = [...report.operators.values()].filter(({ defaults }) => defaults === key)
    const known = readers.flatMap(({ options }) => options ?? [])
    const refused = readers.flatMap(({ name, refusedOptions = [] }) =>
      refusedOptions.map((option) => [option, name] as const),
    )
    if (readers.length === 0 || readers.some(({ options }) => options === undefined)) continue
    for (const option of Object.keys(value)) {
      if (known.includes(option)) continue
      const by = new Map(refused).get(option)
      if (by === undefined && checkMisspelt(option, known, value, report)) continue
      // It may as well be there for expressions and scripts.
      if (by === undefined && isNamedAnywhere(key, option, report.files)) continue
      report.warning(
        'OPTION_UNKNOWN',
        `Parameter '${option}' below "${key}:" is no option of ${namesOf(readers)}`,
        { mapping: value, key: option },
        by === undefined
          ? `Options below "${key}:" are ${[...new Set(known)].sort().join(', ')}.`
          : refusal(by, option),
      )
    }
  }
}

const namesOf = (operators: readonly OperatorSyntax[]): string =>
  operators.map(({ name }) => `${name}>`).join(', ')

export const without = (mapping: JsonObject, drop: (key: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(mapping).filter(([key]) => !drop(key)))
