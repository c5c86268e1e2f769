import { parseJson } from '#workflows/domain/json-text.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import type { Answered, Expected, ExpectedTask, Outcome } from './conformance-case.ts'

/** What a server made of a case, or what it must make of it: plain JSON with a place for each fact. */
export interface Observation {
  readonly push: JsonObject
  readonly attempts: readonly Observed[]
}

/** One start; `tasks` and `logs` by full name. Facts that are not known are absent. */
export interface Observed {
  readonly start?: JsonObject
  readonly attempt?: JsonObject
  readonly tasks?: Readonly<Record<string, JsonObject>>
  readonly logs?: Readonly<Record<string, readonly string[]>>
}

/** Tasks by full name; the second of one name, after a group's retry, is `name#2`. */
export function byName<Task extends { readonly fullName: string }>(
  tasks: readonly Task[],
): Record<string, Omit<Task, 'fullName'>> {
  const named: Record<string, Omit<Task, 'fullName'>> = {}
  for (const { fullName, ...task } of tasks) {
    let key = fullName
    for (let round = 2; key in named; round += 1) key = `${fullName}#${round}`
    named[key] = task
  }
  return named
}

/** What a case expects of a Digdag server, or of Suiro with the differences that are meant. */
export function expectation(expected: Expected, of: 'suiro' | 'digdag'): Observation {
  const steps: readonly Outcome[] = [expected, ...(expected.next ?? [])]
  const whole = {
    push: { ...expected.push },
    attempts: steps.map(({ start, attempt, tasks, logs }) => ({
      ...(start === undefined ? {} : { start: answerOf(start) }),
      ...(attempt === undefined ? {} : { attempt }),
      ...(tasks === undefined ? {} : { tasks: byName<ExpectedTask>(tasks) }),
      ...(logs === undefined ? {} : { logs }),
    })),
  }
  if (of === 'digdag') {
    // What follows a push that Digdag refuses is Suiro's alone.
    const attempts = expected.push.status === 200 ? whole.attempts : []
    return { ...whole, attempts } as unknown as Observation
  }
  const ours = parseJson(JSON.stringify(whole)) as Record<string, Json>
  for (const difference of expected.differs ?? []) {
    for (const [place, value] of Object.entries(difference.ours)) put(ours, place, value)
  }
  return ours as unknown as Observation
}

const answerOf = ({ status, error }: Answered): Answered =>
  error === undefined ? { status } : { status, error }

/** Sets what is at `/push/error` or `/tasks/+case+a/state`; places of later steps begin with `/next/0`. */
function put(whole: Record<string, Json>, place: string, value: Json): void {
  const [, first = '', ...rest] = place.split('/')
  const keys =
    first === 'push'
      ? ['push', ...rest]
      : first === 'next'
        ? ['attempts', String(Number(rest[0]) + 1), ...rest.slice(1)]
        : ['attempts', '0', first, ...rest]
  const last = keys.pop() ?? ''
  let at: Record<string, Json> = whole
  for (const key of keys) {
    at[key] ??= {}
    at = at[key] as Record<string, Json>
  }
  if (value === null && !keys.includes('push')) delete at[last]
  else at[last] = value
}
