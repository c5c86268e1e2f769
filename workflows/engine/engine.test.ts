import { expect, test } from 'vitest'
import type { WalkedTask, WholeGroup } from '../contract.ts'
import { fold, play, plan } from './testing/script.ts'

const trace = async (root: WalkedTask, script: Parameters<typeof play>[1] = {}) => {
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

test('what must not run again is run again by no group around it, whatever else failed there', async () => {
  const retry = { limit: 2, intervalSeconds: 0, growth: 'constant' } as const
  const inner = plan('+g', ['+b', '+c'], { retry, parallel: true })
  const script = {
    '+wf+x': { fails: 'broken', times: 1 },
    '+wf+g+b': { fails: 'nobody knows', final: true },
    '+wf+g+c': { fails: 'broken' },
  } as const
  const { ran, end } = await play(plan('+wf', ['+a', inner], { retry }), script)
  expect(ran).toEqual(['+wf+a', '+wf+g+b', '+wf+g+c', '+wf^failure-alert'])
  expect(end).toEqual({ state: 'error', failure: '+wf+g+b: nobody knows' })
})

test('a group beside it, whose name only begins alike, is retried', async () => {
  const retry = { limit: 1, intervalSeconds: 0, growth: 'constant' } as const
  const beside = plan('+gb', ['+b'], { retry })
  const script = {
    '+wf+g': { fails: 'nobody knows', final: true },
    '+wf+gb+b': { fails: 'broken', times: 1 },
  } as const
  const { ran } = await play(plan('+wf', ['+g', beside], { parallel: true }), script)
  expect(ran.filter((name) => name === '+wf+gb+b')).toHaveLength(2)
})

test('an operator whose generated tasks must not run again does not run again itself', async () => {
  const retry = { limit: 2, intervalSeconds: 0, growth: 'constant' } as const
  const root = plan('+wf', ['+a'])
  const withRetry: WholeGroup = {
    ...root,
    children: root.children.map((child) => (child.resumed ? child : { ...child, retry })),
  }
  const { ran } = await play(withRetry, {
    '+wf+a': { generates: ['+s'] },
    '+wf+a^sub+s': { fails: 'nobody knows', final: true },
  })
  expect(ran).toEqual(['+wf+a', '+wf+a^sub+s', '+wf^failure-alert'])
})

test('an operator whose generated tasks fail runs again itself', async () => {
  const root = plan('+wf', ['+a'])
  const retry = { limit: 1, intervalSeconds: 0, growth: 'constant' } as const
  const withRetry: WholeGroup = {
    ...root,
    children: root.children.map((child) => (child.resumed ? child : { ...child, retry })),
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

test('a task whose _error cannot be added fails with these words, and the attempt ends', async () => {
  const root = plan('+w', ['+a', '+b'], { errorOn: '+a' })
  const played = await play(root, { '+w+a': { fails: 'no' } }, { refuses: 'error' })
  expect(played.states).toMatchObject({ '+w': 'group_error', '+w+a': 'error' })
  expect(played.end).toEqual({ state: 'error', failure: '+w+a: no' })
})

test('a group whose next round cannot be added fails', async () => {
  const root = plan('+w', ['+a'], { retry: { limit: 3, intervalSeconds: 0, growth: 'constant' } })
  const played = await play(root, { '+w+a': { fails: 'no' } }, { refuses: 'round' })
  expect(played.states['+w']).toBe('group_error')
  expect(played.end.state).toBe('error')
})

test('a kill cancels what runs, and neither starts what waits for it nor adds an error task', async () => {
  const root = plan('+wf', ['+a', '+b'], { errorOn: '+a' })
  const { ran, states, end } = await play(root, { '+wf+a': { killed: true } })
  expect(ran).toEqual(['+wf+a'])
  expect(states).toMatchObject({ '+wf': 'canceled', '+wf+a': 'canceled' })
  expect(states).not.toHaveProperty('+wf+b')
  expect(end).toEqual({ state: 'canceled' })
})

test('a resumed task is not run, and what it stored is seen', async () => {
  const root = plan('+wf', ['+a', '+b'])
  const { id, name, upstreams } = root.children[0]!
  const resumed: WholeGroup = {
    ...root,
    children: [{ id, name, upstreams, resumed: true, left: [['store', id]] }, root.children[1]!],
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
  const { branches, ran, states, end } = await play(
    fold(plan('+wf', numbered(450), { parallel: true })),
  )
  expect(branches).toEqual(['+wf 0 200', '+wf 200 200', '+wf 400 50'])
  expect(ran).toHaveLength(450)
  expect(states['+wf']).toBe('success')
  expect(end.state).toBe('success')
})

test('a failure in one branch of a sequence keeps the next branches from starting', async () => {
  const script = { '+wf+t250': { fails: 'broken' } }
  const { branches, end } = await play(fold(plan('+wf', numbered(600))), script)
  expect(branches).toEqual(['+wf 0 200', '+wf 200 200'])
  expect(end).toEqual({ state: 'error', failure: '+wf+t250: broken' })
})

test('a failure in one branch of a parallel group stops no other branch', async () => {
  const script = { '+wf+t250': { fails: 'broken' } }
  const { ran, end } = await play(fold(plan('+wf', numbered(600), { parallel: true })), script)
  expect(ran).toHaveLength(601)
  expect(end.failure).toBe('+wf+t250: broken')
})

test('what many tasks stored is merged, so that no task is handed more than 64 layers', async () => {
  const names = numbered(399)
  const script = Object.fromEntries(names.map((name) => [`+wf${name}`, { stores: true as const }]))
  const { calls, merges } = await play(plan('+wf', names), script)
  expect(Math.max(...calls.map(({ layers }) => layers.length))).toBeLessThanOrEqual(64)
  expect(merges.length).toBeLessThanOrEqual(399 / 32)
})

test('in a large group with a limit a failure blocks the next chunks, not the rest of its own', async () => {
  const group = plan('+wf', numbered(600), { parallel: true })
  const children = group.children.map((child, place) => ({
    ...child,
    upstreams: place < 300 ? [] : group.children.slice(0, 300).map(({ id }) => id),
  }))
  const script = { '+wf+t5': { fails: 'broken' } }
  const { ran, states, branches } = await play(fold({ ...group, children }), script)
  expect(branches).toHaveLength(4)
  expect(ran.filter((name) => name.startsWith('+wf+t'))).toHaveLength(300)
  expect(ran).toContain('+wf+t299')
  expect(states['+wf+t300']).toBeUndefined()
})

test('background tasks of a large group run although a task before them failed', async () => {
  const group = plan('+wf', numbered(450))
  const ids = group.children.map(({ id }) => id)
  const children = group.children.map((child, place) => {
    if (place === 300) return { ...child, upstreams: [] }
    return place === 301 ? { ...child, upstreams: ids.slice(299, 301) } : child
  })
  const { ran } = await play(fold({ ...group, children }), { '+wf+t5': { fails: 'broken' } })
  expect(ran.slice(-2)).toEqual(['+wf+t300', '+wf^failure-alert'])
})

test('what the tasks of one branch stored is seen in the next, and after the group', async () => {
  const folded = fold(plan('+g', numbered(250)))
  const { layersOf } = await play(plan('+wf', [folded, '+z']), { '+wf+g+t3': { stores: true } })
  expect(layersOf('+wf+g+t2')).toEqual([])
  expect(layersOf('+wf+g+t240')).toEqual(['store +wf+g+t3'])
  expect(layersOf('+wf+z')).toEqual(['store +wf+g+t3'])
})

test('a large group with _retry runs all of its branches again', async () => {
  const retry = { limit: 1, intervalSeconds: 0, growth: 'constant' } as const
  const script = { '+wf+t250': { fails: 'broken', times: 1 } }
  const { ran, end, branches } = await play(fold(plan('+wf', numbered(300), { retry })), script)
  expect(branches).toEqual(['+wf 0 200', '+wf 200 100', '+wf 0 200', '+wf 200 100'])
  expect(ran.filter((name) => name === '+wf+t0')).toHaveLength(2)
  expect(end.state).toBe('success')
})

test('a large group is not run again for what must not run again in one of its branches', async () => {
  const retry = { limit: 1, intervalSeconds: 0, growth: 'constant' } as const
  const script = { '+wf+t250': { fails: 'nobody knows', final: true } } as const
  const { branches } = await play(fold(plan('+wf', numbered(300), { retry })), script)
  expect(branches).toEqual(['+wf 0 200', '+wf 200 100'])
})

test('what is generated beyond what one history takes runs in branches of its own', async () => {
  const names = numbered(5)
  const script = Object.fromEntries(
    names.map((name) => [`+wf${name}`, { generates: numbered(150) }]),
  )
  const { branches, ran, states } = await play(plan('+wf', names), script)
  expect(branches).toEqual([2, 3, 4].map((n) => `+wf+t${n}^sub 0 150`))
  expect(ran).toHaveLength(5 * 151)
  expect(states['+wf+t4^sub']).toBe('success')
})

test('a kill between two branches starts no further one', async () => {
  const { branches, end } = await play(fold(plan('+wf', numbered(600))), {
    '+wf+t250': { killed: true },
  })
  expect(branches).toHaveLength(2)
  expect(end.state).toBe('canceled')
})

test('a kill that ends a branch before it began leaves the attempt canceled', async () => {
  const root = plan('+wf', [fold(plan('+g', numbered(600), { parallel: true })), '+z'])
  const script = { '+wf+g 200 200': { killed: true as const } }
  const { end, states, ran } = await play(root, script)
  expect(end).toEqual({ state: 'canceled' })
  expect(states).toMatchObject({ '+wf': 'canceled', '+wf+g': 'canceled' })
  expect(states).not.toHaveProperty('+wf+z')
  expect(ran).toHaveLength(400)
})
