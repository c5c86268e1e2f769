import type { Operator } from '#activities/task/operator.ts'
import type { OperatorSyntax } from '#workflows/dig/index.ts'
import { taskQueues } from '#workflows/domain/task-queues.ts'

/** Where a team's operators may run; `control` is the workflows' own. */
const ownQueues = taskQueues.filter((queue) => queue !== 'control')

const members = ['name', 'secrets', 'retries', 'options', 'queue', 'run']

/** Reads the operator that a module exports; reports every mistake in it. */
export function readOwnOperator(
  module: object | undefined,
  onMistake: (mistake: string) => void,
): Operator | undefined {
  if (module === undefined) return undefined
  const exported: unknown = 'operator' in module ? module.operator : undefined
  if (typeof exported !== 'object' || exported === null) {
    const names = Object.keys(module)
    const instead = names.length === 0 ? 'nothing' : names.join(', ')
    onMistake(
      `exports ${instead}, but no object called "operator": write export const operator: Operator = { name, secrets, retries, run }`,
    )
    return undefined
  }
  const mistakes = mistakesIn(exported)
  for (const mistake of mistakes) onMistake(mistake)
  if (mistakes.length > 0) return undefined
  const own = exported as Pick<Operator, 'name' | 'run'> & Partial<Operator>
  return { ...own, secrets: own.secrets ?? [], retries: own.retries ?? true }
}

function mistakesIn(operator: object): readonly string[] {
  const { name, secrets, retries, options, queue, run } = operator as Partial<
    Record<string, unknown>
  >
  const unknown = Object.keys(operator).filter((key) => !members.includes(key))
  const checks: readonly (readonly [boolean, string])[] = [
    [
      typeof name === 'string' && /^[a-z][a-z0-9_.]*$/.test(name),
      'needs a "name" of small letters, digits and "_", as it is written before the ">", for example name: \'slack\'',
    ],
    [
      typeof run === 'function',
      'needs a function "run", for example async run({ config, log }) { … }',
    ],
    [
      secrets === undefined || isTexts(secrets),
      'needs a list of key patterns in "secrets", for example [\'slack.*\'], or [] for none',
    ],
    [
      retries === undefined || typeof retries === 'boolean',
      'has a "retries" that is neither true nor false',
    ],
    [
      options === undefined || isTexts(options),
      'has "options" that are no list of names, for example [\'channel\']',
    ],
    [
      queue === undefined || ownQueues.some((one) => one === queue),
      `has a "queue" that is none of ${ownQueues.join(', ')}`,
    ],
    [
      unknown.length === 0,
      `has members that mean nothing here: ${unknown.join(', ')}. An operator has ${members.join(', ')}`,
    ],
  ]
  return checks.flatMap(([right, mistake]) => (right ? [] : [mistake]))
}

/** What a push gets to know of an own operator; directives that it reads are among its options. */
export function syntaxOf({ name, options, retries }: Operator): OperatorSyntax {
  const bodies = (['_do', '_else_do'] as const).filter((body) => options?.includes(body))
  return {
    name,
    ...(options === undefined ? {} : { options }),
    // It reads them by `config.withDefaults(name)`.
    defaults: name,
    ...(bodies.length === 0 ? {} : { bodies }),
    makesTasks: true,
    retry: retries ? 'task' : 'none',
    runsCommand: options === undefined || options.includes('_env'),
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
