import { expect, test } from 'vitest'
import type { PlannedTask } from '../contract.ts'
import { fold, play, plan } from './testing/script.ts'

const trace = async (root: PlannedTask, script: Parameters<typeof play>[1] = {}) => {
  const played = await play(root, script)
  return played.ran.join(' ')
}

test('a sequential group runs its tasks one after the other', async () => {
  expect(await trace(plan('+wf', ['+a', '+b', '+c']))).toBe('+wf+a +wf+b +wf+c')
})

test('a failed task keeps those after it from starting, and the group fails', async () => {
  const { ran, states, end } = await play(plan('+wf', ['+a', '+b', '+c']), {
    '+wf+b': { fails: 'broken' },
  })
  expect(ran).toEqual(['+wf+a', '+wf+b', '+wf^failure-alert'])
  expect(states['+wf']).toBe('group_error')
  expect(states['+wf+c']).toBeUndefined()
  expect(end).toEqual({ state: 'error', failure: '+wf+b: broken' })
})

test('parallel siblings of a failed task run to their end', async () => {
  const root = plan('+wf', ['+a', '+b', '+c'], { parallel: true })
  const { ran, end } = await play(root, { '+wf+a': { fails: 'broken' } })
  expect(ran).toEqual(['+wf+a', '+wf+b', '+wf+c', '+wf^failure-alert'])
  expect(end.state).toBe('error')
})

test("an operator's own retry waits as long as the failure says", async () => {
  const { ran, slept } = await play(plan('+wf', ['+a']), {
    '+wf+a': { fails: 'broken', times: 2, retryAfterSeconds: 10 },
  })
  expect(ran).toEqual(['+wf+a', '+wf+a', '+wf+a'])
  expect(slept).toEqual([10, 10])
})

test('an operator that asks to be called again is called again within the same try', async () => {
  const { ran, calls } = await play(plan('+wf', ['+a']), { '+wf+a': { polls: [1, 2] } })
  expect(ran).toEqual(['+wf+a', '+wf+a', '+wf+a'])
  expect(calls.map(({ retries, polls }) => [retries, polls])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
  ])
})

test('a group with _retry runs all of its children again, then gives up', async () => {
  const retry = { limit: 2, intervalSeconds: 5, growth: 'exponential' } as const
  const { ran, slept, states } = await play(plan('+wf', ['+a', '+b'], { retry }), {
    '+wf+b': { fails: 'broken' },
  })
  expect(ran.filter((name) => name === '+wf+a')).toHaveLength(3)
  expect(slept).toEqual([5, 10])
  expect(states['+wf']).toBe('group_error')
})

test('an operator whose generated tasks fail runs again itself', async () => {
  const root = plan('+wf', ['+a'])
  const withRetry: PlannedTask = {
    ...root,
    children: [
      { ...root.children![0]!, retry: { limit: 1, intervalSeconds: 0, growth: 'constant' } },
    ],
  }
  const { ran, end } = await play(withRetry, {
    '+wf+a': { generates: ['+x'] },
    '+wf+a^sub+x': { fails: 'broken', times: 1 },
  })
  expect(ran).toEqual(['+wf+a', '+wf+a^sub+x', '+wf+a', '+wf+a^sub+x'])
  expect(end.state).toBe('success')
})

test('_error runs after the failure and does not change it', async () => {
  const root = plan('+wf', ['+a'], { errorOn: '+a' })
  const { ran, states } = await play(root, { '+wf+a': { fails: 'broken' } })
  expect(ran).toEqual(['+wf+a', '+wf+a^error', '+wf^failure-alert'])
  expect(states['+wf+a']).toBe('error')
})

test('_check runs after the generated tasks and its failure fails the task', async () => {
  const root = plan('+wf', ['+a', '+b'], { checkOn: '+a' })
  const { ran, states } = await play(root, {
    '+wf+a': { generates: ['+x'] },
    '+wf+a^check': { fails: 'not good' },
  })
  expect(ran).toEqual(['+wf+a', '+wf+a^sub+x', '+wf+a^check', '+wf^failure-alert'])
  expect(states['+wf+a']).toBe('group_error')
})

test('stored parameters reach later tasks, also through a parallel join, but no sibling', async () => {
  const root = plan('+wf', [plan('+g', ['+a', '+b'], { parallel: true }), '+z'])
  const { layersOf } = await play(root, {
    '+wf+g+a': { stores: true },
    '+wf+g+b': { stores: true },
  })
  expect(layersOf('+wf+g+b')).toEqual([])
  expect(layersOf('+wf+z')).toEqual(['store +wf+g+a', 'store +wf+g+b'])
})

test('exports go down only, before what was stored inside the exporting group', async () => {
  const root = plan('+wf', [plan('+g', ['+a', '+b'], { exports: true }), '+z'])
  const { layersOf } = await play(root, { '+wf+g+a': { stores: true } })
  expect(layersOf('+wf+g+b')).toEqual(['export +wf+g', 'store +wf+g+a'])
  expect(layersOf('+wf+z')).toEqual(['store +wf+g+a'])
})

test('a kill cancels what runs and what waits for it, and adds no error task', async () => {
  const root = plan('+wf', ['+a', '+b'], { errorOn: '+a' })
  const { ran, states, end } = await play(root, { '+wf+a': { killed: true } })
  expect(ran).toEqual(['+wf+a'])
  expect(states).toMatchObject({ '+wf': 'canceled', '+wf+a': 'canceled', '+wf+b': 'canceled' })
  expect(end).toEqual({ state: 'canceled' })
})

test('a resumed task is not run, and what it stored is seen', async () => {
  const root = plan('+wf', ['+a', '+b'])
  const resumed: PlannedTask = {
    ...root,
    children: [{ ...root.children![0]!, resumed: true, hasStored: true }, root.children![1]!],
  }
  const { ran, layersOf } = await play(resumed)
  expect(ran).toEqual(['+wf+b'])
  expect(layersOf('+wf+b')).toEqual(['store +wf+a'])
})

test('10,000 tasks in sequence cost the same for the last as for the first', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `+t${index}`)
  const { calls } = await play(plan('+wf', names))
  expect(calls).toHaveLength(10_000)
  expect(calls.at(-1)!.layers).toEqual([])
})

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `+t${i}`)

test('a large group runs in branches of 200, each with a history of its own', async () => {
  const { branches, ran, states, end } = await play(fold('+wf', numbered(450), 'parallel'))
  expect(branches).toEqual(['+wf 0 200', '+wf 200 200', '+wf 400 50'])
  expect(ran).toHaveLength(450)
  expect(states['+wf']).toBe('success')
  expect(end.state).toBe('success')
})

test('a failure in one branch of a sequence keeps the next branches from starting', async () => {
  const script = { '+wf+t250': { fails: 'broken' } }
  const { branches, end } = await play(fold('+wf', numbered(600), 'sequence'), script)
  expect(branches).toEqual(['+wf 0 200', '+wf 200 200'])
  expect(end).toEqual({ state: 'error', failure: '+wf+t250: broken' })
})

test('a failure in one branch of a parallel group stops no other branch', async () => {
  const script = { '+wf+t250': { fails: 'broken' } }
  const { ran, end } = await play(fold('+wf', numbered(600), 'parallel'), script)
  expect(ran).toHaveLength(601)
  expect(end.failure).toBe('+wf+t250: broken')
})

test('what many tasks stored is merged, so that no task is handed more than 64 layers', async () => {
  const names = numbered(500)
  const script = Object.fromEntries(names.map((name) => [`+wf${name}`, { stores: true as const }]))
  const { calls, merges } = await play(plan('+wf', names), script)
  expect(Math.max(...calls.map(({ layers }) => layers.length))).toBeLessThanOrEqual(64)
  expect(merges.length).toBeLessThanOrEqual(500 / 32)
})
