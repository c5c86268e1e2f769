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
  const [planned] = planTasks(tree(9, 100), null)
  expect(size(planned!)).toBe(910)
  expect(planned!.children![0]!.children![1]!.upstreams).toHaveLength(1)
})

test('a large group is folded, in parallel or in sequence', () => {
  const [sequence] = planTasks(tree(1, 501), null)
  expect(sequence!.children![0]).toMatchObject({ folded: { count: 501, order: 'sequence' } })
  const parallel = tree(1, 501).map((task) => ({ ...task, upstreams: [] }))
  const [planned] = planTasks(parallel, null)
  expect(planned!.children![0]).toMatchObject({ folded: { count: 501, order: 'parallel' } })
})

test('many small groups are folded as far as the plan needs it', () => {
  const [planned] = planTasks(tree(90, 100), null)
  expect(size(planned!)).toBe(91)
  expect(planned!.children!.every((group) => group.folded?.count === 100)).toBe(true)
})

test('what a task has is told in a word, and of a resumed one only what it left', () => {
  const rows = [
    row({ name: '+r', operator: 'loop', resumed: true, stored: { a: 1 } }),
    row({ name: '+e', operator: 'echo', config: { _error: {}, _check: {} }, exports: { b: 1 } }),
    row({
      name: '+g',
      config: { _check: {} },
      retry: { limit: 1, intervalSeconds: 0, growth: 'constant' },
    }),
  ]
  const sub = row({ parentId: rows[0]!.id, name: '^sub', resumed: true })
  const silent = row({ parentId: sub.id, resumed: true })
  const telling = row({ parentId: sub.id, resumed: true, resetParams: ['x'] })
  expect(planTasks([...rows, sub, silent, telling], null)).toMatchObject([
    {
      resumed: true,
      hasStored: true,
      children: [{ name: '^sub', children: [{ id: telling.id, hasStored: true }] }],
    },
    { hasError: true, hasCheck: true, hasExports: true },
    { retry: { limit: 1 }, children: [] },
  ])
  expect(planTasks(rows, null)[2]).not.toHaveProperty('hasCheck')
})
