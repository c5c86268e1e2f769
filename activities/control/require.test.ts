import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { paramsOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([paramsOperator])
})
afterAll(() => stage.close())

let day = 0
/** Another session time for each test, so that none meets the sessions of another. */
const nextDay = (): string => new Date(Date.UTC(2027, 0, (day += 1))).toISOString()

const play = (dig: string, other: string, sessionTime = nextDay(), params: JsonObject = {}) =>
  stage.play({ 'case.dig': dig, 'other.dig': other }, { sessionTime, params })

const attemptsOf = async (workflowName: string) =>
  stage.store.attempts.list({ workflowName, includeRetried: true, count: 100 })

describe('require>', () => {
  test('starts the session that nobody started, with nothing of its own parameters', async () => {
    const sessionTime = nextDay()
    const played = await play(
      '_export: {mine: 1}\n+a:\n  require>: other\n  params: {theirs: 2}\n+b: {echo>: after}',
      '+t: {params>: }',
      sessionTime,
      { given: 3 },
    )
    expect(played.end.state).toBe('success')
    const [other] = await attemptsOf('other')
    expect(other).toMatchObject({ params: { theirs: 2 }, success: true, retryAttemptName: null })
    const [by, taskId] = [played.attempt.id, played.task('+case+a').id]
    expect(other).toMatchObject({
      reason: 'require',
      actor: { kind: 'task', attemptId: by, taskId },
    })
    expect(other?.sessionTime.toISOString()).toBe(sessionTime)
    expect(played.task('+case+a').operatorState).toEqual({
      target_attempt_id: other?.id,
      target_session_id: other?.sessionId,
      require_kicked: true,
    })
  })

  test('joins the session that is there, and fails or not with it', async () => {
    const sessionTime = nextDay()
    const first = await play('+a: {require>: other}', '+t: {fail>: no}', sessionTime)
    const [other] = await attemptsOf('other')
    const words = `Dependent workflow failed. Session id: ${other?.sessionId}, attempt id: ${other?.id}`
    expect(first.task('+case+a').error).toEqual({ message: words })

    const second = await play(
      '+a: {require>: other, ignore_failure: true}\n+b: {require>: other}',
      '+t: {echo>: fine now}',
      sessionTime,
    )
    expect(second.task('+case+a').state).toBe('success')
    expect(second.task('+case+b').error).toEqual({ message: words })
    expect((await attemptsOf('other'))[0]?.id).toBe(other?.id)
  })

  test('rerun_on: failed starts a failed session anew, once', async () => {
    const sessionTime = nextDay()
    await play('+a: {require>: other}', '+t: {fail>: no}', sessionTime)
    const played = await play(
      '+a: {require>: other, rerun_on: failed}',
      '+t: {echo>: fine}',
      sessionTime,
    )
    expect(played.end.state).toBe('success')
    const task = played.task('+case+a')
    expect((await attemptsOf('other'))[0]).toMatchObject({
      index: 2,
      success: true,
      retryAttemptName: `require-${played.attempt.id}-${task.id}-0`,
    })
  })

  test('rerun_on: all starts a session anew that succeeded; none takes it as it is', async () => {
    const sessionTime = nextDay()
    const other = '+t: {echo>: fine}'
    await play('+a: {require>: other}', other, sessionTime)
    const before = await attemptsOf('other')
    await play('+a: {require>: other, rerun_on: failed}', other, sessionTime)
    await play('+a: {require>: other}', other, sessionTime)
    expect(await attemptsOf('other')).toHaveLength(before.length)
    await play('+a: {require>: other, rerun_on: all}', other, sessionTime)
    expect(await attemptsOf('other')).toHaveLength(before.length + 1)
  })

  test('takes session_time, retry_attempt_name and project_name as written', async () => {
    const played = await play(
      '+a:\n  require>: other\n  session_time: 2028-02-03T04:00:00+09:00\n  retry_attempt_name: again\n  project_name: demo',
      '+t: {echo>: 1}',
    )
    expect(played.end.state).toBe('success')
    const [other] = await attemptsOf('other')
    expect(other?.sessionTime.toISOString()).toBe('2028-02-02T19:00:00.000Z')
    expect(other?.retryAttemptName).toBe('again')
  })

  test('of its own session ends with a sentence instead of never', async () => {
    const sessionTime = nextDay()
    const played = await stage.play(
      { 'case.dig': '+a: {require>: case}' },
      { sessionTime, retryAttemptName: '' },
    )
    expect(played.task('+case+a').error?.['message']).toMatch(
      /^Workflow 'case' waits for its own session, .* \(config\)$/,
    )
  })

  test('project_id, project_name and retry_attempt_name count only at the task itself', async () => {
    const played = await play(
      '_export: {project_name: none, project_id: 1, retry_attempt_name: no}\n+a: {require>: other}',
      '+t: {echo>: 1}',
    )
    expect(played.end.state).toBe('success')
    expect((await attemptsOf('other'))[0]?.retryAttemptName).toBeNull()
  })

  test('rerun_on, ignore_failure and params may be exported', async () => {
    const sessionTime = nextDay()
    await play('+a: {require>: other}', '+t: {fail>: no}', sessionTime)
    const played = await play(
      '_export: {rerun_on: failed, ignore_failure: "true", params: {p: 1}}\n+a: {require>: other}',
      '+t: {fail>: "again ${p}"}',
      sessionTime,
    )
    expect(played.end.state).toBe('success')
    expect((await attemptsOf('other'))[0]).toMatchObject({ index: 2, params: { p: 1 } })
  })

  test('_retry joins the same failed session again, and rerun_on starts it anew each time', async () => {
    const sessionTime = nextDay()
    const joined = await play('+a: {require>: other, _retry: 1}', '+t: {fail>: no}', sessionTime)
    expect(joined.end.state).toBe('error')
    const before = await attemptsOf('other')
    await play('+a: {require>: other, _retry: 1, rerun_on: failed}', '+t: {fail>: no}', sessionTime)
    expect(await attemptsOf('other')).toHaveLength(before.length + 2)
  })

  test('takes params as JSON text, and a number as the name of a workflow’s project', async () => {
    const played = await play(
      `+a:\n  require>: other\n  params: '{"n": 1}'\n  project_id: "\${project_id}"`,
      '+t: {echo>: "${n}"}',
    )
    expect(played.end.state).toBe('success')
    expect((await attemptsOf('other'))[0]?.params).toEqual({ n: 1 })
  })

  test('a scheduled workflow knows the sessions around it', async () => {
    await play(
      '+a: {require>: other}',
      'timezone: Asia/Tokyo\nschedule: {daily>: "07:00:00"}\n+t: {echo>: 1}',
      '2027-06-30T15:00:00Z',
    )
    expect((await attemptsOf('other'))[0]?.params).toEqual({
      last_session_time: '2027-06-30T00:00:00+09:00',
      next_session_time: '2027-07-02T00:00:00+09:00',
    })
  })

  test.each([
    ['{require>: nope}', /^Dependent workflow does not exist. projectId: \d+, workflowName:nope$/],
    [
      '{require>: other, project_name: none}',
      /^Dependent workflow does not exist. projectName: none, workflowName:other$/,
    ],
    [
      '{require>: other, project_name: demo, project_id: 1}',
      /^Both project_id and project_name can't be set \(config\)$/,
    ],
    ['{require>: other, rerun_on: often}', /^invalid rerun_on option:often \(config\)$/],
    [
      '{require>: other, session_time: today}',
      /^Expected a time with an offset .* "today" \(config\)$/,
    ],
  ])('refuses %s', async (task, message) => {
    const played = await play(`+a: ${task}`, '+t: {echo>: 1}')
    expect(played.task('+case+a').error?.['message']).toMatch(message)
  })

  test('waits for an attempt that runs, longer and longer', async () => {
    const sessionTime = nextDay()
    const pushed = await play('+a: {echo>: 1}', '+t: {echo>: 1}', nextDay())
    const other = await stage.store.workflows.findByName(pushed.attempt.projectId, 'other')
    const running = await stage.store.attempts.start({
      workflowId: other!.id,
      sessionTime: new Date(sessionTime),
      params: {},
      actor: { kind: 'user' },
      reason: 'start',
    })
    const files = { 'case.dig': '+a: {require>: other}', 'other.dig': '+t: {echo>: 1}' }
    const onSleep = (seconds: number): void => {
      if (seconds === 2) void stage.store.attempts.finish(running.attempt.id, true)
    }
    const played = await stage.play(files, { sessionTime, onSleep })
    expect(played.end.state).toBe('success')
    expect(played.slept).toEqual([1, 2])
    expect(played.task('+case+a').operatorState['require_kicked']).toBe(false)
  })
})
