import { expect, test } from 'vitest'
import type { OutlinedTask } from '#store/task-outline.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { pageBelow, unfold } from './fold.ts'
import { treeOf } from './tree.ts'

const task = (
  id: number,
  parentId: number | null,
  more: Partial<OutlinedTask> = {},
): OutlinedTask => ({
  id: id as TaskId,
  parentId: parentId as TaskId | null,
  name: `+t${id}`,
  round: 0,
  operator: null,
  upstreams: [],
  state: 'success',
  retries: 0,
  resumed: false,
  began: null,
  ended: null,
  retryAt: null,
  errorCode: null,
  error: null,
  changed: false,
  ...more,
})
const failed = { operator: 'sh', state: 'error', error: 'no' } as const
const groupError = { state: 'group_error' } as const

const at = (tasks: readonly OutlinedTask[], id: number) => treeOf(tasks).get(id as TaskId)

test('a group starts with the first below it that begins, whichever that is', () => {
  const tasks = [
    task(1, null),
    task(2, 1),
    task(3, 2, { began: 70 }),
    task(4, 2, { began: 50 }),
    task(5, 1, { began: 60 }),
    task(6, null),
    task(7, 6),
  ]
  expect([1, 2, 3, 6].map((id) => at(tasks, id)?.start)).toEqual([50, 50, 70, null])
})

test('an operator with tasks below it starts by itself', () => {
  expect(at([task(1, null, { began: 9 }), task(2, 1, { began: 5 })], 1)?.start).toBe(9)
})

test('a failed group names the first task below that failed itself, and not what failed after it', () => {
  const tasks = [
    task(1, null, groupError),
    task(2, 1, groupError),
    task(3, 2),
    task(4, 2, failed),
    task(5, 2, failed),
    // What the group's _error did.
    task(6, 2, { ...failed, name: '^error' }),
  ]
  expect([1, 2].map((id) => at(tasks, id)?.failedBy)).toEqual([4, 4])
})

test('an operator whose own tasks failed is not the culprit; one whose _error runs is', () => {
  const tasks = [
    task(1, null, groupError),
    task(2, 1, { operator: 'loop', state: 'group_error' }),
    task(3, 2, failed),
    task(4, 1, { operator: 'sh', state: 'planned', error: 'no' }),
    task(5, 4, { ...failed, name: '^error' }),
  ]
  expect([1, 2, 4].map((id) => at(tasks, id)?.failedBy)).toEqual([3, 3, 4])
})

test('rounds that another one followed count no more, nor what a task below got over', () => {
  const tasks = [
    task(1, null, groupError),
    task(2, 1, { name: '+a', ...groupError }),
    task(3, 2, failed),
    task(4, 1, { name: '+a', round: 1 }),
    task(5, 4),
    task(6, 1, { name: '+b', ...failed }),
    task(7, null, groupError),
    // Its second try went well.
    task(8, 7, { operator: 'loop' }),
    task(9, 8, { name: '^sub', ...groupError }),
    task(10, 9, failed),
    task(11, 8, { name: '^sub', round: 1 }),
    task(12, 7, failed),
  ]
  expect([1, 7].map((id) => at(tasks, id)?.failedBy)).toEqual([6, 12])
})

test('a group that failed by words of its own says so; nobody is named where nobody failed', () => {
  expect(at([task(1, null, { ...groupError, error: 'gone' }), task(2, 1)], 1)?.failedBy).toBe(1)
  expect(at([task(1, null, { state: 'canceled' }), task(2, 1)], 1)?.failedBy).toBeNull()
})

test('counts are of the tasks with none below them; a change touches all above it', () => {
  const tasks = [
    task(1, null),
    task(2, 1),
    task(3, 2, { ...failed, changed: true }),
    task(4, 2),
    task(5, 1, { state: 'running' }),
  ]
  expect(at(tasks, 1)?.leaves).toEqual({ error: 1, success: 1, running: 1 })
  expect([1, 2, 3, 4, 5].map((id) => at(tasks, id)?.touched)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})

const idsOf = (shown: { readonly tasks: readonly { readonly task: OutlinedTask }[] }) =>
  shown.tasks.map((node) => Number(node.task.id))

test('a large group shows its first children and those that matter, failed ones before others', () => {
  const children = Array.from({ length: 500 }, (_, place) =>
    task(place + 2, 1, place >= 400 ? { state: 'running' } : {}),
  )
  children[300] = task(302, 1, failed)
  const nodes = treeOf([task(1, null), ...children, task(502, 302)])
  const root = nodes.get(1 as TaskId)!
  const shown = unfold([root], true)
  expect(shown.folded).toEqual([1])
  expect(idsOf(shown)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    302,
    ...Array.from({ length: 49 }, (_, place) => 402 + place),
    502,
  ])
  const full = unfold([root], false)
  expect([full.folded, full.tasks.length]).toEqual([[], 502])
})

test('pages of a group hold each child once, with what is below it', () => {
  const tasks = [task(1, null)]
  for (let id = 2; id < 300; id += 2) tasks.push(task(id, 1), task(id + 1, id))
  const root = treeOf(tasks).get(1 as TaskId)!
  const seen: number[] = []
  let after: number | undefined
  for (;;) {
    const page = pageBelow(root, after, 40)
    seen.push(...idsOf(page))
    if (page.next === null) break
    after = page.next
  }
  expect(seen).toEqual(tasks.slice(1).map(({ id }) => Number(id)))
})
