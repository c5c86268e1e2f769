import { expect, test } from 'vitest'
import { accepted } from '#client/request.ts'
import { useStack } from '#harness/stack/use-stack.ts'

const stack = await useStack()

interface Try {
  readonly try: number
  readonly state: string
  readonly startedAt: string
  readonly endedAt: string
  readonly errorCode?: string
  readonly error: { readonly message?: string }
  readonly logs: readonly { readonly fileName: string }[]
}

interface Compact {
  readonly since: string
  readonly tasks: { readonly id: readonly number[]; readonly start: readonly (number | null)[] }
  readonly groups: readonly { readonly id: number; readonly failedBy: number | null }[]
}

async function ended(project: string, dig: string) {
  accepted(await stack.api.push(project, { 'daily.dig': dig }))
  const answer = await stack.api.start(project, 'daily', '2001-01-05T00:00:00Z')
  const { id } = accepted(answer) as { id: string }
  await stack.api.finished(id)
  const tasks = await stack.api.tasks(id)
  const read = async (path: string): Promise<unknown> =>
    accepted(await stack.api.request('GET', `/api/attempts/${id}/tasks/${path}`))
  const triesOf = async (name: string): Promise<readonly Try[]> => {
    const task = tasks.find(({ fullName }) => fullName === name)
    return ((await read(task?.id ?? '0')) as { tries: readonly Try[] }).tries
  }
  return { id, tasks, triesOf, compact: async () => (await read('compact')) as Compact }
}

test('each try of a task that _retry runs again has its times, its error and its log', async () => {
  // On a queue, and in a step whose own tasks fail.
  const count = (name: string): string =>
    `echo try >> ${stack.scratch}/${name}; test $(wc -l < ${stack.scratch}/${name}) -ge 3`
  const { id, triesOf } = await ended(
    'tries',
    `
+command:
  _retry: {limit: 2, interval: 1}
  sh>: 'echo said $(date +%s%N); ${count('command')}'
+loop:
  _retry: 2
  loop>: 1
  _do:
    sh>: '${count('loop')}'
+once:
  _retry: 2
  fail>: never
`,
  )
  const command = await triesOf('+daily+command')
  const failed = {
    state: 'error',
    errorCode: 'COMMAND',
    error: { message: expect.stringContaining('code 1') },
  }
  expect(command).toMatchObject([
    { try: 1, ...failed },
    { try: 2, ...failed },
    { try: 3, state: 'success', error: {} },
  ])
  // It waits a second before each; times are in whole ones.
  const times = command.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt])
  expect(times).toEqual(times.toSorted())
  expect(command.slice(1).every((one, place) => one.startedAt > command[place]!.endedAt)).toBe(true)
  expect(command.map(({ logs }) => logs.length)).toEqual([1, 1, 1])
  expect(new Set(command.flatMap(({ logs }) => logs.map(({ fileName }) => fileName))).size).toBe(3)

  expect((await triesOf('+daily+loop')).map(({ state }) => state)).toEqual([
    'group_error',
    'group_error',
    'success',
  ])
  // `fail>` fails for good.
  expect(await triesOf('+daily+once')).toMatchObject([
    { try: 1, state: 'error', errorCode: 'FAILED', error: { message: 'never' }, logs: [{}] },
  ])
  const rows = await stack.query<{ task: string; tries: number }>(
    `select task, count(*)::int as tries from reporting.tries where attempt_id = $1 and status is not null
    group by task order by task`,
    [id],
  )
  expect(rows.filter(({ task }) => !task.includes('^'))).toEqual([
    { task: '+daily+command', tries: 3 },
    { task: '+daily+loop', tries: 3 },
    { task: '+daily+once', tries: 1 },
  ])
})

test('failed groups name the task that an alert names first, and began with their first task', async () => {
  const { id, tasks, compact } = await ended(
    'culprits',
    `
_error: {fail>: in _error of the root}
+before: {echo>: hello}
+again:
  _retry: 1
  _parallel: true
  +fine: {echo>: fine}
  +bad: {fail>: bad}
  +each:
    for_each>: {n: [1, 2]}
    _do: {+worse: {fail>: worse}}
    _error: {fail>: in _error}
`,
  )
  const { groups, tasks: columns } = await compact()
  const named = new Map(tasks.map(({ id: one, fullName }) => [Number(one), fullName]))
  const failedGroups = tasks.filter(({ state }) => state === 'group_error')
  const culprits = failedGroups.map(({ id: one, fullName }) => {
    const failedBy = groups.find((group) => group.id === Number(one))?.failedBy
    return `${fullName} ${named.get(failedBy ?? 0)}`
  })
  expect([...new Set(culprits)].sort()).toEqual([
    '+daily +daily+again+bad',
    '+daily+again +daily+again+bad',
    '+daily+again+each +daily+again+each^sub+for-0=n=0=1+worse',
    '+daily+again+each^sub +daily+again+each^sub+for-0=n=0=1+worse',
    '+daily+again+each^sub+for-0=n=0=1 +daily+again+each^sub+for-0=n=0=1+worse',
  ])
  const [first] = await stack.query<{ id: string }>(firstFailure, [id])
  const root = tasks.find(({ parentId }) => parentId === null)
  expect(groups.find((group) => group.id === Number(root?.id))?.failedBy).toBe(Number(first?.id))

  const startOf = (one: number | undefined) => columns.start[columns.id.indexOf(one ?? 0)]
  const begun = columns.start.filter((start) => start !== null)
  expect(startOf(Number(root?.id))).toBe(Math.min(...begun))
})

/** As `failures` of store/tasks.ts finds it. */
const firstFailure = `
  select id::text from (
    select distinct on (full_name) id, state, error from tasks where attempt_id = $1 order by full_name, id desc
  ) latest
  where state = 'error' or state = 'planned' and error is not null order by id limit 1`
