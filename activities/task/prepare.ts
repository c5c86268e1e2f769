import { notSupported, unsupportedOperator } from '#workflows/dig/operators/unsupported.ts'
import type { Task } from '#store/types.ts'
import { isObject, merge, type Json, type JsonObject } from '#workflows/domain/json.ts'
import type { AttemptFacts } from '../attempt/facts.ts'
import { configError, type OperatorError } from '../failure.ts'
import { runtimeParams } from './runtime-params.ts'

/** Evaluates `${…}` for one task, with the names of `params`. */
export interface Evaluation {
  config(config: JsonObject, params: JsonObject): Promise<JsonObject>
  text(text: string, params: JsonObject): Promise<string>
}

/** A task ready to run: its parameters evaluated. */
export interface Prepared {
  /** Without its `>`. */
  readonly operator: string
  /** Written as `_type: op` rather than `op>: command`. */
  readonly longForm: boolean
  readonly command: Json
  /** Everything an operator may read, `_type` and `_command` among it. */
  readonly params: JsonObject
  /** Keys written at the task itself, which somebody should read. */
  readonly localKeys: readonly string[]
  readonly secretMounts: JsonObject
  readonly unknownOperator: OperatorError
}

/** Directives that are no parameters of the operator. */
const directives: ReadonlySet<string> = new Set(['_export', '_check', '_error'])

/**
 * Merges a task's parameters from the weakest to the strongest (docs/language.md#precedence-of-parameters)
 * and evaluates them (docs/language.md#evaluation). `inherited`: what ancestors and earlier tasks left.
 */
export async function prepare(
  evaluation: Pick<Evaluation, 'config'>,
  facts: AttemptFacts,
  task: Task,
  inherited: JsonObject,
): Promise<Prepared> {
  const { attempt, workflow } = facts
  const local = Object.fromEntries(
    Object.entries(task.config).filter(([key]) => !directives.has(key)),
  )
  const requested = [attempt.params, inherited, task.exports].reduce<JsonObject>(
    merge,
    workflow.definition.defaults ?? {},
  )
  const params = merge(requested, runtimeParams(facts, task, requested))
  const evaluated = await evaluation.config(merge(params, local), params)

  const longForm = '_type' in local
  const type = evaluated['_type']
  const operator = longForm && typeof type === 'string' ? type : (task.operator ?? '')
  const command = longForm ? evaluated['_command'] : evaluated[`${operator}>`]
  const { _secrets: mounts, ...rest } = evaluated
  return {
    operator,
    longForm,
    command: command ?? null,
    params: { ...rest, _type: operator, _command: command ?? null },
    localKeys: Object.keys(local).filter((key) => !isOperatorKey(key, operator)),
    secretMounts: isObject(mounts) ? mounts : {},
    unknownOperator: configError(unknown(operator)),
  }
}

function unknown(operator: string): string {
  const other = unsupportedOperator(operator)
  return other === undefined
    ? `Unknown task type: ${operator}`
    : `${notSupported(operator, other.service)}. ${other.advice}`
}

/** Read by others than the operator: the compiler, the engine, the secrets. */
const readElsewhere: ReadonlySet<string> = new Set(['_type', '_secrets', '_background', '_after'])

const isOperatorKey = (key: string, operator: string): boolean =>
  key === `${operator}>` || readElsewhere.has(key)

/** The first line of a task's log, as Digdag writes it. */
export function callOf({ operator, longForm, command }: Prepared): string {
  if (longForm) return `type: ${operator}`
  if (command === null) return `${operator}>: `
  return `${operator}>: ${typeof command === 'string' ? command : JSON.stringify(command)}`
}
