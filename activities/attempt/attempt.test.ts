import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createStage, type Played, type Stage } from '#harness/stage/play.ts'
import { push } from '../testing/project.ts'
import { broken, brokenOnce, brokenOperator, storeOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator, brokenOperator])
})
afterAll(() => stage.close())

const play = (dig: string) => stage.play({ 'case.dig': dig })

/** Configs by full name. */
const configs = (played: Played) =>
  Object.fromEntries(played.tasks.map((task) => [task.fullName, task.config]))

describe('_error', () => {
  test('knows the error of its task', async () => {
    const played = await play('+a:\n  fail>: broken\n  _error: {echo>: "caught ${error.message}"}')
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case+a^error success',
      '+case^failure-alert success',
    ])
    expect(played.task('+case+a^error')).toMatchObject({
      config: { 'echo>': 'caught ${error.message}', _export: { error: { message: 'broken' } } },
      exports: { error: { message: 'broken' } },
    })
    expect(await played.output('+case+a^error')).toBe('caught broken\n')
    expect(configs(played)['+case^failure-alert']).toEqual({
      _type: 'notify',
      _command: 'Workflow session attempt failed',
    })
    expect(await played.log('+case^failure-alert')).toMatch(/Workflow session attempt failed/)
  })

  test('of a group knows what failed in it, and what was stored there', async () => {
    const played = await play(`
+g:
  +s: {store>: {rows: 3}}
  +a: {fail>: broken}
  _error:
    +x: {echo>: "x \${error.message} \${rows}"}
    +y: {echo>: "y"}`)
    expect(await played.output('+case+g^error+x')).toBe('x broken 3\n')
    expect(played.task('+case+g^error').exports).toEqual({
      rows: 3,
      error: { message: 'broken' },
    })
  })

  test('of the root runs beside the failure alert', async () => {
    broken.add('b')
    const failed = await play('+a: {broken>: b}\n_error: {echo>: "root ${error.message}"}')
    broken.clear()
    expect(failed.states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case^failure-alert success',
      '+case^error success',
    ])
    expect(await failed.output('+case^error')).toBe('root TypeError: b is broken (runtime)\n')
  })

  test('that fails itself changes nothing more', async () => {
    const played = await play('+a:\n  fail>: broken\n  _error: {fail>: again}')
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case+a^error error',
      '+case^failure-alert success',
    ])
    expect(played.task('+case+a').error).toEqual({ message: 'broken' })
  })

  test('of a task whose subtasks failed knows their error', async () => {
    const played = await play(
      '+a:\n  loop>: 2\n  _do: {fail>: "no ${i}"}\n  _error: {echo>: "${error.message}"}',
    )
    expect(played.task('+case+a').state).toBe('group_error')
    expect(await played.output('+case+a^error')).toBe('no 0\n')
  })
})

describe('_check', () => {
  test('runs after its task, sees what it stored, and fails it', async () => {
    const good = await play('+a:\n  store>: {n: 1}\n  _check: {echo>: "checked ${n}"}')
    expect(good.states).toEqual(['+case success', '+case+a success', '+case+a^check success'])
    expect(await good.output('+case+a^check')).toBe('checked 1\n')

    const bad = await play('+a:\n  echo>: a\n  _check: {fail>: unchecked}')
    expect(bad.states).toEqual([
      '+case group_error',
      '+case+a group_error',
      '+case+a^check error',
      '+case^failure-alert success',
    ])
  })
})

describe('group retry', () => {
  test('runs the whole group again, generated tasks anew', async () => {
    brokenOnce.add('b')
    const played = await play(`
+g:
  _retry: {limit: 1, interval: 1}
  +a:
    loop>: 1
    _do: {echo>: "\${i}"}
  +b: {broken>: b}`)
    expect(played.states).toEqual([
      '+case success',
      '+case+g success',
      '+case+g+a success',
      '+case+g+b error',
      '+case+g+a^sub success',
      '+case+g+a^sub+loop-0 success',
      '+case+g+a success',
      '+case+g+b success',
      '+case+g+a^sub success',
      '+case+g+a^sub+loop-0 success',
    ])
    const [, , a, b, , , again, after] = played.tasks
    expect(after?.upstreams).toEqual([again?.id])
    expect([a?.round, b?.round, again?.round, after?.round]).toEqual([0, 0, 1, 1])
  })

  test('of a task with failing subtasks generates them anew', async () => {
    const played = await play('+a:\n  _retry: 1\n  loop>: 1\n  _do: {fail>: no}')
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a group_error',
      '+case+a^sub group_error',
      '+case+a^sub+loop-0 error',
      '+case+a^sub group_error',
      '+case+a^sub+loop-0 error',
      '+case^failure-alert success',
    ])
  })
})

describe('openAttempt and addTasks', () => {
  test('asked again, they answer the same and insert nothing', async () => {
    const pushed = await push(stage.store, {
      'case.dig': '+a:\n  +x: {echo>: 1}\n  +y: {echo>: 2}\n+b: {echo>: 3, _check: {echo>: 4}}',
    })
    const { attempt } = await stage.store.attempts.start({
      workflowId: pushed.workflows[0]!.id,
      sessionTime: new Date(),
      params: { p: 1 },
      actor: { kind: 'user' },
      reason: 'start',
    })
    const { id: attemptId } = attempt
    const opened = await call(() => stage.activities.openAttempt({ attemptId }))
    expect(opened).toMatchObject({
      project: 'demo',
      workflow: 'case',
      params: { p: 1 },
      root: {
        name: '+case',
        children: [
          { name: '+a', children: [{ name: '+x', operator: 'echo' }, { name: '+y' }] },
          { name: '+b', hasCheck: true },
        ],
      },
    })
    const other = stage.anotherWorker()
    expect(await call(() => other.openAttempt({ attemptId }))).toEqual(opened)

    const parentId = opened.root.children![1]!.id
    const what = { kind: 'check', round: 0 } as const
    const added = await call(() => stage.activities.addTasks({ attemptId, parentId, what }))
    expect(await call(() => other.addTasks({ attemptId, parentId, what }))).toEqual(added)
    expect(await stage.store.tasks.ofAttempt(attemptId)).toHaveLength(6)
    expect((await stage.store.attempts.find(attemptId))?.startedAt).not.toBeNull()
  })

  test('an attempt that does not exist fails for good', async () => {
    await expect(
      call(() => stage.activities.openAttempt({ attemptId: 999_999 as never })),
    ).rejects.toMatchObject({ type: 'TaskFailed', message: 'Attempt 999999 does not exist' })
  })

  test('the tasks of a TypeScript batch come one by one', async () => {
    const pushed = await push(stage.store, { 'case.dig': '_export: {x: 1}' })
    const { attempt } = await stage.store.attempts.start({
      workflowId: pushed.workflows[0]!.id,
      sessionTime: new Date('2026-05-05T00:00:00Z'),
      params: {},
      actor: { kind: 'user' },
      reason: 'start',
    })
    const { id: attemptId } = attempt
    const { root } = await call(() => stage.activities.openAttempt({ attemptId }))
    const add = async (name: string, config: object, upstreams: readonly number[]) => {
      const what = { kind: 'task', name, config, upstreams } as never
      const [task] = await call(() =>
        stage.activities.addTasks({ attemptId, parentId: root.id, what }),
      )
      return task!
    }
    const first = await add('+one', { 'store>': { n: 7 } }, [])
    await call(() =>
      stage.activities.runTask({
        attemptId,
        taskId: first.id,
        layers: [],
        retries: 0,
        polls: 0,
        version: 1,
      }),
    )
    const second = await add('+two', { 'echo>': 'x', _retry: 2 }, [first.id])
    expect(second).toMatchObject({
      operator: 'echo',
      upstreams: [first.id],
      retry: { limit: 2 },
    })
    expect(await call(() => stage.activities.storedParams({ taskId: first.id }))).toEqual({ n: 7 })
  })

  test('a batch’s task with a mistake is refused for good', async () => {
    const played = await play('+a: {echo>: 1}')
    const { attempt } = played
    const what = {
      kind: 'task',
      name: '+x',
      config: { 'echo>': 1, 'fail>': 2 },
      upstreams: [],
    } as const
    await expect(
      call(() =>
        stage.activities.addTasks({
          attemptId: attempt.id,
          parentId: played.task('+case').id,
          what,
        }),
      ),
    ).rejects.toMatchObject({
      type: 'TaskFailed',
      message: expect.stringMatching(/^A task can't have more than one operator/),
    })
  })

  test('an attempt canceled by Temporal’s own means counts as killed', async () => {
    const { attempt } = await stage.store.attempts.start({
      workflowId: (await play('+a: {echo>: 1}')).attempt.workflowId,
      sessionTime: new Date('2026-07-07T00:00:00Z'),
      params: {},
      actor: { kind: 'user' },
      reason: 'start',
    })
    await call(() => stage.activities.closeAttempt({ attemptId: attempt.id, state: 'canceled' }))
    expect(await stage.store.attempts.find(attempt.id)).toMatchObject({
      cancelRequested: true,
      success: false,
    })
  })

  test('an attempt whose kill was recorded before its end is written counts as killed', async () => {
    const { attempt } = await stage.store.attempts.start({
      workflowId: (await play('+a: {echo>: 1}')).attempt.workflowId,
      sessionTime: new Date('2026-07-08T00:00:00Z'),
      params: {},
      actor: { kind: 'user' },
      reason: 'start',
    })
    await call(() => stage.activities.openAttempt({ attemptId: attempt.id }))
    await stage.store.attempts.requestCancel(attempt.id, { kind: 'user' })
    await call(() => stage.activities.closeAttempt({ attemptId: attempt.id, state: 'success' }))
    expect(await stage.store.attempts.find(attempt.id)).toMatchObject({
      cancelRequested: true,
      success: false,
    })
    const tasks = await stage.store.tasks.ofAttempt(attempt.id)
    expect(tasks.map(({ state }) => state)).toEqual(['canceled', 'blocked'])
  })

  test('what a batch reads back has a limit', async () => {
    const played = await play('+a: {store>: {big: "${Array(140000).join(1)}"}}')
    await expect(
      call(() => stage.activities.storedParams({ taskId: played.task('+case+a').id })),
    ).rejects.toThrow(/stored 140009 bytes; a batch can read up to 131072/)
  })
})
