import { expect, test } from 'vitest'
import type { Task } from '#client/views.ts'
import { historyLengths } from '#harness/stack/history-lengths.ts'
import { useStack } from '#harness/stack/use-stack.ts'

// How it goes on with 20,000 tasks, `npm run bench` shows.

const stack = await useStack()

type Files = Readonly<Record<string, string>>

/** Pushes a project with one workflow and starts it. */
async function started(project: string, daily: string, others: Files = {}, more = {}) {
  const pushed = await stack.api.push(project, { 'daily.dig': daily, ...others })
  expect(pushed).toMatchObject({ status: 200 })
  return again(project, more)
}

async function again(project: string, more = {}): Promise<string> {
  const answer = await stack.api.start(project, 'daily', '2001-01-05T00:00:00Z', more)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body['id'] as string
}

/** How many tasks are in each state. */
const statesOf = (tasks: readonly Task[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(tasks, ({ state }) => state)).map(([state, those]) => [
      state,
      those?.length ?? 0,
    ]),
  )

const suggestedEvents = 4_096

const list = (length: number): string => JSON.stringify(Array.from({ length }, (_, index) => index))

test('a for_each over 5,000 items in parallel runs, in histories of a healthy size', async () => {
  const id = await started(
    'wide',
    `+all: {for_each>: {x: ${list(5_000)}}, _parallel: true, _do: {echo>: "\${x}"}}`,
  )
  expect(await stack.api.finished(id, 240)).toMatchObject({ status: 'success' })
  expect(statesOf(await stack.api.tasks(id))).toEqual({ success: 5_003 })
  expect(await stack.api.log(id, '+daily+all^sub+for-0=x=4999=4999')).toContain('4999')
  expect(Math.max(...(await historyLengths(stack, id)))).toBeLessThan(suggestedEvents)
}, 260_000)

test('loops in loops go to branches when what runs them is full', async () => {
  const id = await started('nested', '+all: {loop>: 5, _do: {loop>: 150, _do: {echo>: hi}}}')
  expect(await stack.api.finished(id, 120)).toMatchObject({ status: 'success' })
  expect(statesOf(await stack.api.tasks(id))).toEqual({ success: 3 + 5 * 152 })
  const lengths = await historyLengths(stack, id)
  expect(lengths).toHaveLength(4)
  expect(Math.max(...lengths)).toBeLessThan(1_000)
})

test('groups, bodies and called files may be 50 deep', async () => {
  const depth = Array.from({ length: 50 }, (_, level) => level)
  const groups = [...depth.map((level) => `${' '.repeat(level)}+g:`), `${' '.repeat(50)}echo>: hi`]
  const bodies = [
    '+b:',
    ...depth.map((level) => `${' '.repeat(level + 1)}loop>: 1\n${' '.repeat(level + 1)}_do:`),
    `${' '.repeat(51)}echo>: hi`,
  ]
  const called = Object.fromEntries(
    depth.map((level) => [
      `f${level}.dig`,
      level === 49 ? '+e: {echo>: hi}' : `+c: {call>: f${level + 1}.dig}`,
    ]),
  )
  const daily = [...groups, ...bodies, '+c: {call>: f0.dig}'].join('\n')
  const id = await started('deep', daily, called)
  expect(await stack.api.finished(id, 120)).toMatchObject({ status: 'success' })
  const tasks = await stack.api.tasks(id)
  expect(tasks).toHaveLength(1 + 50 + 101 + 101)
  expect(tasks.map(({ fullName }) => fullName)).toContain(`+daily+c${'^sub+c'.repeat(49)}^sub+e`)
})

test('a failure late in a long sequence blocks the rest, and a resume goes on from there', async () => {
  const each = `+all:\n  for_each>: {x: ${list(250)}}\n  _do: {+a: {if>: "\${x == bad}", _do: {fail>: no}}}\n+end: {echo>: end}`
  const id = await started('resumable', each, {}, { params: { bad: 205 } })
  expect(await stack.api.finished(id, 120)).toMatchObject({ status: 'error' })
  const tasks = await stack.api.tasks(id)
  const stateOf = (name: string): string | undefined =>
    tasks.find(({ fullName }) => fullName === name)?.state
  expect(stateOf('+daily+all^sub+for-0=x=204=204')).toBe('success')
  expect(stateOf('+daily+all^sub+for-0=x=205=205')).toBe('group_error')
  expect(stateOf('+daily+all^sub+for-0=x=206=206')).toBe('blocked')
  expect(stateOf('+daily+all^sub+for-0=x=249=249+a')).toBe('blocked')
  expect(stateOf('+daily+end')).toBe('blocked')

  const resumed = await again('resumable', {
    params: { bad: -1 },
    retryAttemptName: 'second',
    resume: { mode: 'failed', attemptId: id },
  })
  expect(await stack.api.finished(resumed, 120)).toMatchObject({ status: 'success' })
  const [ran] = await stack.query<{ count: number }>(
    'select count(*)::int from tasks where attempt_id = $1 and not resumed and operator is not null',
    [resumed],
  )
  // Those from 205 on, the loop itself, and the end.
  expect(ran?.count).toBe(45 + 2)
}, 120_000)

test('after a kill in the middle of thousands of tasks those that had not begun stay blocked', async () => {
  const id = await started('killable', '+all: {loop>: 2000, _do: {echo>: hi}}\n+end: {echo>: end}')
  await stack.api.taskIn(id, '+daily+all^sub+loop-50', ['success'])
  expect((await stack.api.request('POST', `/api/attempts/${id}/kill`, {})).status).toBe(200)
  expect(await stack.api.finished(id, 60)).toMatchObject({ status: 'killed' })
  const states = statesOf(await stack.api.tasks(id))
  expect(Object.keys(states).sort()).toEqual(['blocked', 'canceled', 'success'])
  expect(states['blocked']).toBeGreaterThan(1_000)
}, 120_000)

test('a worker killed in the middle of many tasks is replaced, and each is done', async () => {
  const id = await started('crashing', '+all: {loop>: 400, _do: {echo>: "${i}"}}')
  await stack.api.taskIn(id, '+daily+all^sub+loop-50', ['success'])
  await stack.worker.crash()
  await stack.worker.start()
  expect(await stack.api.finished(id, 120)).toMatchObject({ status: 'success' })
  expect(statesOf(await stack.api.tasks(id))).toEqual({ success: 403 })
}, 180_000)
