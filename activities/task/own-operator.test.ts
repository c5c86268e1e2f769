import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator as slack } from '../../examples/operators/slack.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createProbe } from '#harness/stage/one-task.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { ownOperator } from './own-operator.ts'

const probe = createProbe()
let stage: Stage
beforeAll(async () => {
  stage = await createStage([ownOperator(probe.operator), ownOperator(slack)])
})
afterAll(() => stage.close())

const play = (dig: string) => stage.play({ 'case.dig': dig })

describe('an own operator', () => {
  test('is given its parameters and answers what it stores, or nothing at all', async () => {
    probe.act = async ({ config }) => ({ stored: { got: config.integer('_command') + 1 } })
    const played = await play('+a: {probe>: 6}\n+b: {echo>: "${got}"}')
    expect(await played.output('+case+b')).toBe('7\n')
    probe.act = async () => undefined as never
    expect((await play('+a: {probe>: 1}')).end.state).toBe('success')
    probe.act = async () => 'done' as never
    expect((await play('+a: {probe>: 1}')).task('+case+a').error).toEqual({
      message:
        'probe> answered "done": an operator answers an object, for example {} or { stored: { rows: 3 } } (config)',
    })
  })

  test('fails its task with whatever it throws, and is retried as _retry says', async () => {
    probe.calls = 0
    probe.act = async () => {
      throw new Error('the service answered 500', { cause: new Error('try later') })
    }
    const played = await play('+a: {probe>: 1, _retry: 2}')
    expect(played.task('+case+a').error).toEqual({
      message: 'the service answered 500 (try later) (runtime)',
      stacktrace: expect.stringMatching(/^at .*own-operator\.test\.ts:\d+:\d+/),
    })
    // Neither folders of this machine nor code of Suiro's.
    expect(played.task('+case+a').error?.['stacktrace']).not.toMatch(
      /\/tmp|\/work|file:|own-operator\.ts/,
    )
    expect(probe.calls).toBe(3)
  })

  test('tells its _error tasks where the failure comes from', async () => {
    probe.act = () => Promise.reject(new Error('no'))
    const played = await play('+a: {probe>: 1, _error: {echo>: "${error.stacktrace}"}}')
    expect(await played.output('+case+a^error')).toMatch(/at .*own-operator\.test\.ts:\d+:\d+/)
  })

  test('says on the error whose mistake it was, and whether a retry could help', async () => {
    probe.calls = 0
    probe.act = async () => {
      throw Object.assign(new Error('no channel is set'), { kind: 'config', retryable: false })
    }
    const played = await play('+a: {probe>: 1, _retry: 2}')
    expect(played.task('+case+a').error).toMatchObject({ message: 'no channel is set (config)' })
    expect(probe.calls).toBe(1)
    probe.act = () => Promise.reject('a text')
    expect((await play('+a: {probe>: 1}')).task('+case+a').error).toEqual({
      message: 'a text (runtime)',
    })
  })

  test('with a mistake in its code fails once, its stack in the log', async () => {
    probe.calls = 0
    probe.act = async ({ task }) => (task as unknown as { none(): never }).none()
    const played = await play('+a: {probe>: 1, _retry: 2}')
    expect(played.task('+case+a').error).toEqual({
      message: 'TypeError: task.none is not a function (runtime)',
      stacktrace: expect.stringMatching(/^at .*own-operator\.test\.ts:/),
    })
    expect(await played.log('+case+a')).toContain('own-operator.test.ts')
    expect(probe.calls).toBe(1)
  })

  test('is run again by Temporal when it is PostgreSQL that fails', async () => {
    const away = new Error('PostgreSQL is away')
    const context = operatorContext(probe.operator, {})
    const failing = { ...context, state: { value: {}, save: () => Promise.reject(away) } }
    probe.act = async ({ state }) => {
      await state.save({ n: 1 })
      return {}
    }
    await expect(ownOperator(probe.operator).run(failing)).rejects.toBe(away)

    const usages = { begin: () => Promise.reject(away), end: () => Promise.reject(away) }
    const job = { kind: 'bigquery', project: 'p', job: 'j', replacement: 0 } as const
    for (const act of [
      (context: OperatorContext) => context.usage.begin(job),
      (context: OperatorContext) => context.usage.end(job, { state: 'unknown', reason: null }),
    ]) {
      probe.act = async (given) => {
        await act(given)
        return {}
      }
      const unwritten = operatorContext(probe.operator, {}, { usages })
      await expect(ownOperator(probe.operator).run(unwritten)).rejects.toBe(away)
    }
  })
})

test('an operator of a team reads numbers that JavaScript can calculate with', async () => {
  const seen: unknown[] = []
  const operator: Operator = {
    name: 'calculate',
    secrets: [],
    retries: true,
    run({ config, params }) {
      const below = config.withDefaults('defaults')
      seen.push(
        params['rate'],
        params['id'],
        config.get('rate'),
        config.object('o'),
        config.list('l'),
      )
      seen.push(config.string('rate'), below.get('factor'), config.get('absent'))
      return Promise.resolve({ stored: { twice: Number(params['rate']) * 2 } })
    },
  }
  const params = parseJson(
    '{"rate": 25000.0, "id": 9007199254740993, "o": {"n": 1.0}, "l": [2.0], "defaults": {"factor": 3.0}}',
  ) as JsonObject
  const context = operatorContext(operator, params)
  expect(await ownOperator(operator).run(context)).toEqual({ stored: { twice: 50_000 } })
  expect(seen).toEqual([25_000, '9007199254740993', 25_000, { n: 1 }, [2], '25000.0', 3, undefined])
})

describe('the example slack>', () => {
  let server: Server
  const posted: unknown[] = []
  let status = 200
  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        posted.push(JSON.parse(body))
        response.writeHead(status, { 'retry-after': '1' }).end('no_service')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  const contextOf = (params = {}, state = {}) =>
    operatorContext(
      slack,
      { _command: 'done', ...params },
      {
        state,
        secrets: {
          'slack.webhook': `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
        },
      },
    )

  test('posts its text once', async () => {
    status = 200
    const context = contextOf({ slack: { channel: '#ops' } })
    expect(await ownOperator(slack).run(context)).toEqual({
      stored: { slack: { last_text: 'done' } },
    })
    expect(posted.splice(0)).toEqual([{ text: 'done', channel: '#ops' }])
    expect(await ownOperator(slack).run(contextOf({}, context.state.value))).toEqual({})
    expect(posted).toEqual([])
  })

  test('waits as long as Slack asks for, and fails with what it answers', async () => {
    status = 429
    expect(await ownOperator(slack).run(contextOf())).toEqual({ again: { afterSeconds: 1 } })
    status = 503
    await expect(ownOperator(slack).run(contextOf())).rejects.toThrow(
      'Slack answered 503: no_service',
    )
  })

  test('says which secret it lacks', async () => {
    const played = await play('+a: {slack>: done}')
    expect(played.task('+case+a').error).toMatchObject({
      message: expect.stringMatching(
        /^The secret slack.webhook is not there; set it with: digdag secrets --project demo --set .*\(config\)$/,
      ),
    })
  })
})
