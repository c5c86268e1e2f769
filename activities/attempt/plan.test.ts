import { expect, test } from 'vitest'
import type { Task } from '#store/types.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import { planTasks } from './plan.ts'

let lastId = 0
const row = (over: Partial<Task>): Task =>
  ({
    id: (lastId += 1),
    parentId: null,
    name: '+t',
    operator: null,
    config: {},
    exports: {},
    stored: {},
    resetParams: [],
    upstreams: [],
    retry: null,
    resumed: false,
    ...over,
  }) as Task

/** A root with so many groups of so many tasks, one after the other. */
function tree(groups: number, size: number): readonly Task[] {
  const root = row({ name: '+case' })
  return [
    root,
    ...Array.from({ length: groups }, () => {
      const group = row({ parentId: root.id })
      const tasks = Array.from({ length: size }, (_, at) =>
        row({
          parentId: group.id,
          operator: 'echo',
          upstreams: at === 0 ? [] : [lastId as Task['id']],
        }),
      )
      return [group, ...tasks]
    }).flat(),
  ]
}

const size = (task: PlannedTask): number =>
  1 + (task.children ?? []).reduce((sum, child) => sum + size(child), 0)

test('a plan of moderate size is planned as it is', () => {
  const [planned] = planTasks(tree(9, 40), null)
  expect(size(planned!)).toBe(370)
  expect(planned!.children![0]!.children![1]!.upstreams).toHaveLength(1)
})

test('a large group is folded into branches, what is beside it is not', () => {
  const [planned] = planTasks(tree(1, 501), null)
  const [group] = planned!.children!
  expect(group!.children).toBeUndefined()
  expect(group!.folded).toEqual([
    { from: 0, count: 200, after: [], chained: true },
    { from: 200, count: 200, after: [0], chained: true },
    { from: 400, count: 101, after: [1], chained: true },
  ])
})

test('many small groups are folded where they are too many together', () => {
  const [planned] = planTasks(tree(500, 4), null)
  expect(planned!.folded).toHaveLength(7)
  expect(planned!.folded![0]).toMatchObject({ count: 80, after: [] })
})

test('a tree that grows by ten at each level is folded level by level', () => {
  const root = row({ name: '+case' })
  const rows: Task[] = [root]
  for (let level = 0, above: readonly Task[] = [root]; level < 4; level += 1) {
    above = above.flatMap((parent) =>
      Array.from({ length: 10 }, () => row({ parentId: parent.id })),
    )
    rows.push(...above)
  }
  const [planned] = planTasks(rows, null)
  expect(planned!.children!.every(({ folded }) => folded?.length === 4)).toBe(true)
})

test('of siblings outside of the plan only a failure is reported', () => {
  const failed = row({})
  const done = row({})
  const first = row({ upstreams: [failed.id, done.id] })
  const second = row({ upstreams: [done.id] })
  expect(planTasks([first, second], null, new Set([failed.id]))).toMatchObject([
    { upstreams: [], blocked: true },
    { upstreams: [] },
  ])
})

test('what a task has is named in a word, and of a resumed one only what it left', () => {
  const check = { 'echo>': 'c' }
  const both = { _error: { 'echo>': 'e' }, _check: check }
  const rows = [
    row({ name: '+r', operator: 'loop', resumed: true, stored: { a: 1 } }),
    row({ name: '+e', operator: 'echo', config: both, exports: { b: 1 } }),
    row({ name: '+n', operator: 'echo', config: { _error: {}, _check: null } }),
    row({
      name: '+g',
      config: { _check: check },
      retry: { limit: 1, intervalSeconds: 0, growth: 'constant' },
    }),
  ]
  const sub = row({ parentId: rows[0]!.id, name: '^sub', resumed: true })
  const silent = row({ parentId: sub.id, resumed: true })
  const leaving = row({ parentId: sub.id, resumed: true, resetParams: ['x'] })
  const planned = planTasks([...rows, sub, silent, leaving], null)
  expect(planned).toMatchObject([
    {
      resumed: true,
      left: [
        ['store', rows[0]!.id],
        ['store', leaving.id],
      ],
    },
    { hasError: true, hasCheck: true, hasExports: true },
    { name: '+n' },
    { retry: { limit: 1 }, children: [] },
  ])
  expect(planned[0]).not.toHaveProperty('children')
  for (const word of ['hasCheck', 'hasError']) expect(planned[2]).not.toHaveProperty(word)
  expect(planned[3]).not.toHaveProperty('hasCheck')
})
