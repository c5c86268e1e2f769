import type { Random } from '../random.ts'

/** A workflow to be run while workers come and go, and how it must end when nobody kills it. */
export interface Scenario {
  readonly name: string
  /** Of a project with the workflow `main`. */
  readonly files: Readonly<Record<string, string>>
  readonly end: 'success' | 'error'
  /** Milliseconds after its start at which it is killed; absent where it is not. */
  readonly killAfter?: number
}

type Task = Readonly<Record<string, unknown>>

/** One task of each kind that waits, steers or runs. */
const tasks: Readonly<Record<string, (random: Random) => Task>> = {
  echo: () => ({ 'echo>': '${session_date}' }),
  wait: (random) => ({ 'wait>': `${random.whole(1, 6)}s` }),
  sh: (random) => ({ 'sh>': `sleep ${random.whole(0, 3)}` }),
  if: () => ({ 'if>': '${1 == 1}', _do: { '+in': { 'echo>': 'then' } } }),
  loop: (random) => ({
    'loop>': random.whole(1, 4),
    _parallel: random.chance(0.5),
    _do: { '+a': { 'wait>': '1s' }, '+b': { 'echo>': '${i}' } },
  }),
  for_each: (random) => ({
    'for_each>': { x: [1, 2, 3] },
    _parallel: random.chance(0.5),
    _do: { 'echo>': '${x}' },
  }),
  call: () => ({ 'call>': 'called.dig' }),
  require: () => ({ 'require>': 'required', rerun_on: 'none', ignore_failure: true }),
  param_set: (random) => ({ 'param_set>': null, [`k${random.whole(0, 3)}`]: 1 }),
  polls: (random) => ({ 'wait>': `${random.whole(2, 5)}s`, poll_interval: '1s' }),
  retried: () => ({ 'fail>': 'no', _retry: { limit: 2, interval: 1 } }),
  branches: (random) => ({
    'loop>': random.whole(420, 450),
    _parallel: true,
    _do: random.chance(0.5)
      ? { 'echo>': 'z' }
      : { '+x': { 'echo>': 'hi' }, '+y': { 'loop>': 2, _do: { 'echo>': 'z' } } },
  }),
}

const kinds = Object.keys(tasks)

/** Every pair of kinds, in an order that the seed decides. */
export function pairs(random: Random): readonly (readonly [string, string])[] {
  const all = kinds.flatMap((a) => kinds.map((b) => [a, b] as const))
  return all
    .map((pair) => ({ pair, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ pair }) => pair)
}

const shapes = ['sequence', 'parallel', 'retried', 'nested', 'parallel groups'] as const

/** A workflow of two kinds of tasks in one of the shapes. */
export function scenario(random: Random, [a, b]: readonly [string, string]): Scenario {
  const shape = random.pick(shapes)
  const body = { '+a': tasks[a]!(random), '+b': tasks[b]!(random) }
  const failing = a === 'retried' || b === 'retried'
  const main: Record<typeof shape, Task> = {
    sequence: body,
    parallel: { '+p': { _parallel: true, ...body } },
    retried: {
      '+p': {
        _retry: 1,
        _parallel: random.chance(0.5),
        ...body,
        '+c': { 'sh>': 'test -n "$again" || exit 1', _env: { again: '' } },
      },
    },
    nested: { '+p': { _parallel: true, '+l': { '+m': body }, '+r': tasks[a]!(random) } },
    'parallel groups': {
      '+p': {
        _parallel: true,
        '+l': body,
        '+r': { '+s': tasks[b]!(random), '+t': { '+u': body } },
      },
    },
  }
  const killed = random.chance(0.4)
  return {
    name: `${a} ${b} ${shape}${killed ? ' killed' : ''}`,
    files: {
      // JSON is YAML.
      'main.dig': JSON.stringify({ timezone: 'UTC', ...main[shape] }),
      'called.dig': JSON.stringify({ '+w': { 'wait>': '1s' }, '+e': { 'echo>': 'called' } }),
      'required.dig': JSON.stringify({ '+w': { 'wait>': '2s' } }),
    },
    end: failing || shape === 'retried' ? 'error' : 'success',
    ...(killed ? { killAfter: random.whole(0, 8_000) } : {}),
  }
}
