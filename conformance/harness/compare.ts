import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '#workflows/domain/json.ts'
import { normalise } from './normalise.ts'
import type { Observation, Observed } from './observation.ts'

/** A fact that is not as it should be. */
export interface Difference {
  /** Such as `tasks/+case+a/state`. */
  readonly at: string
  readonly expected: unknown
  readonly actual: unknown
}

/** What of an observation is not as expected; what the expectation leaves out is not looked at. */
export function compare(expected: Observation, actual: Observation): readonly Difference[] {
  const [wanted, seen] = [normalise(expected), normalise(actual)]
  return [
    ...fields('push', wanted.push, seen.push),
    ...wanted.attempts.flatMap((attempt, index) =>
      compareAttempt(index === 0 ? '' : `next/${index - 1}/`, attempt, seen.attempts[index] ?? {}),
    ),
  ]
}

function compareAttempt(at: string, wanted: Observed, seen: Observed): readonly Difference[] {
  return [
    ...fields(`${at}start`, wanted.start, seen.start),
    ...fields(`${at}attempt`, wanted.attempt, seen.attempt),
    ...(wanted.tasks === undefined ? [] : tasks(`${at}tasks`, wanted.tasks, seen.tasks ?? {})),
    ...(wanted.logs === undefined ? [] : logs(`${at}logs`, wanted.logs, seen.logs ?? {})),
  ]
}

function tasks(
  at: string,
  wanted: NonNullable<Observed['tasks']>,
  seen: NonNullable<Observed['tasks']>,
): readonly Difference[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(seen)])].flatMap((name) =>
    name in wanted && name in seen
      ? fields(`${at}/${name}`, wanted[name], seen[name])
      : [{ at: `${at}/${name}`, expected: wanted[name], actual: seen[name] }],
  )
}

/** A task that prints nothing may have a log file or none. */
function logs(
  at: string,
  wanted: NonNullable<Observed['logs']>,
  seen: NonNullable<Observed['logs']>,
): readonly Difference[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(seen)])].flatMap((name) =>
    different(`${at}/${name}`, wanted[name] ?? [], seen[name] ?? []),
  )
}

function fields(at: string, wanted: object | undefined, seen: object = {}): readonly Difference[] {
  const values = seen as Record<string, unknown>
  return Object.entries(wanted ?? {}).flatMap(([name, value]) =>
    name === 'errorWords'
      ? different(`${at}/error/message`, value, (values['error'] as JsonObject)['message'])
      : different(`${at}/${name}`, value, values[name]),
  )
}

function different(at: string, expected: unknown, actual: unknown): readonly Difference[] {
  // A refusal gives place and advice as well, and of some errors only words are known: they must be there.
  const words = /(?:^|\/)(?:push|start)\/error$|\/error\/message$/.test(at)
  const same =
    words && typeof expected === 'string' && typeof actual === 'string'
      ? actual.includes(expected)
      : isDeepStrictEqual(expected, actual)
  return same ? [] : [{ at, expected, actual }]
}
