import { ApplicationFailure } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOperators } from '#services/worker/operators.ts'
import { readConfig } from '#services/worker/config.ts'
import { taskFailed } from '#workflows/activities.ts'
import { operatorTable } from '#workflows/dig/operators/table.ts'
import { createPool } from '#store/database.ts'
import { createStore } from '#store/index.ts'
import { markOutage } from '#store/outage.ts'
import { logText } from '#store/testing.ts'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createArchives } from '../project/archives.ts'
import { createFacts } from '../attempt/facts.ts'
import { createExpressions } from '../expression/evaluate.ts'
import { createSandbox } from '../expression/sandbox.ts'
import { createSteeringOperators } from '../operators.ts'
import { openOne } from '#harness/stage/one-task.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { OperatorError } from '../failure.ts'
import type { Operator, OperatorContext } from './operator.ts'

const sandbox = createSandbox()
let stage: Stage
let operators: ReadonlyMap<string, Operator>

beforeAll(async () => {
  stage = await createStage()
  const { store } = stage
  const own = createSteeringOperators({
    store,
    startAttempt: createAcceptAttempt(store),
    facts: createFacts(store),
    archives: createArchives(store.projects),
    expressions: createExpressions(sandbox),
  })
  const config = readConfig({ DATABASE_URL: stage.database.url })
  const all = [...Object.values(own), ...createOperators(config)]
  operators = new Map(all.map((operator) => [operator.name, operator]))
})
afterAll(async () => {
  await sandbox.close()
  await stage.close()
})

/** A task of each operator that comes as far as it can without the world it works on. */
const tasks: Readonly<Record<string, string>> = {
  bq: 'bq>: q.sql',
  bq_ddl: 'bq_ddl>: , create_datasets: [d]',
  bq_extract: 'bq_extract>: d.t, destination: "gs://b/o"',
  bq_load: 'bq_load>: "gs://b/o", destination_table: d.t',
  call: 'call>: called.dig',
  echo: 'echo>: hi',
  embulk: 'embulk>: load.yml',
  fail: 'fail>: no',
  for_each: 'for_each>: {x: [1]}, _do: {echo>: 1}',
  for_range: 'for_range>: {from: 0, to: 2, step: 1}, _do: {echo>: 1}',
  http: 'http>: "http://127.0.0.1:1/", retry: false',
  http_call: 'http_call>: "http://127.0.0.1:1/x.dig"',
  if: 'if>: true, _do: {echo>: 1}',
  loop: 'loop>: 2, _do: {echo>: 1}',
  mail: 'mail>: q.sql, subject: s, to: [a@example.com]',
  nop: 'nop>: ',
  notify: 'notify>: hi',
  param_get: 'param_get>: , a: b',
  param_set: 'param_set>: , a: b',
  pg: 'pg>: q.sql, host: 127.0.0.1, port: 1, user: u, database: d',
  py: 'py>: s.f',
  gcs_wait: 'gcs_wait>: bucket/object',
  rb: 'rb>: f',
  require: 'require>: other',
  sh: 'sh>: "true"',
  wait: 'wait>: 1s',
}

test('every operator is walked', () => {
  expect(Object.keys(tasks).sort()).toEqual([...operatorTable.keys()].sort())
  expect([...operators.keys()].sort()).toEqual([...operatorTable.keys()].sort())
})

/** The same context, whose `at`th call of the world fails. */
function faulty(context: OperatorContext, at: number, fault: () => unknown) {
  let calls = 0
  const count = <Args extends readonly unknown[], Result>(call: (...args: Args) => Result) =>
    ((...args: Args) => {
      calls += 1
      if (calls === at) return Promise.reject(fault())
      return call(...args)
    }) as (...args: Args) => Result
  const { project, secrets, state } = context
  const changed = {
    render: count(context.render),
    project: mapped(project, count),
    secrets: mapped(secrets, count),
    state: {
      get value() {
        return state.value
      },
      save: count((next: never) => state.save(next)),
    },
  }
  const all = { ...Object.getOwnPropertyDescriptors(context) }
  return {
    context: Object.defineProperties({}, { ...all, ...Object.getOwnPropertyDescriptors(changed) }),
    injected: () => calls >= at,
  }
}

const mapped = <Functions extends object>(functions: Functions, change: (call: never) => unknown) =>
  Object.fromEntries(
    Object.entries(functions).map(([name, call]) => [name, change(call as never)]),
  ) as Functions

const nobodyForesaw = (): Error =>
  Object.assign(new Error('EMOON: the moon is full'), { code: 'EMOON' })
const fileSystem = (): Error =>
  Object.assign(new Error('ENOTDIR: not a directory'), { code: 'ENOTDIR', syscall: 'mkdir' })

/** Calls a task as Temporal does, until it has an end; answers how often, and its failure's words. */
async function calledUntilItEnds(operator: Operator, dig: string) {
  const activities = stage.anotherWorker({ operators: [operator] })
  const { input, row } = await openOne(stage, `+a: {${dig}}`)
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const environment = new MockActivityEnvironment(
      { isLocal: true, attempt },
      { logger: new DefaultLogger('ERROR') },
    )
    try {
      await environment.run(() => activities.runTask(input))
      return { attempt, message: 'it succeeded', state: (await row()).state }
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === taskFailed) {
        return { attempt, message: error.message, state: (await row()).state }
      }
    }
  }
  throw new Error(`${dig} was called ten times and has no end`)
}

describe.each(Object.entries(tasks))('%s>', (name, dig) => {
  test.each([
    ['an error that nobody foresaw', nobodyForesaw, 3],
    ['a refusal of the file system', fileSystem, 1],
  ])('fails with %s, whichever of its calls meets it', async (_, fault, tries) => {
    const operator = operators.get(name)!
    for (let at = 1; at < 20; at += 1) {
      let injected = false
      const injecting: Operator = {
        ...operator,
        async run(context) {
          const faults = faulty(context, at, fault)
          // A call that met nothing goes no further: the world it works on is not there.
          const gone = new Promise<never>((_, reject) => {
            setTimeout(() => reject(new OperatorError('stopped')), 400).unref()
          })
          const running = operator.run(faults.context as OperatorContext)
          running.catch(() => undefined)
          try {
            return await Promise.race([running, gone])
          } finally {
            injected = faults.injected()
          }
        },
      }
      const { attempt, message, state } = await calledUntilItEnds(injecting, dig)
      if (!injected) return
      expect(attempt, `${name}> at call ${at}: ${message}`).toBeLessThanOrEqual(tries)
      expect(message === 'it succeeded' || state === 'error').toBe(true)
    }
  })
})

describe('what an operator throws', () => {
  const throwing = (thrown: unknown): Operator => ({
    name: 'sh',
    secrets: [],
    retries: true,
    run: () => Promise.reject(thrown),
  })

  test.each([
    ['an Error', new Error('odd'), 3, 'Error: odd (runtime)'],
    [
      'with a cause',
      new Error('odd', { cause: new Error('why') }),
      3,
      'Error: odd (why) (runtime)',
    ],
    ['a text', 'odd', 3, 'odd (runtime)'],
    ['nothing', undefined, 3, 'undefined (runtime)'],
    ['NUL', new Error('a\0b'), 3, 'Error: a'],
    ['a broken URL', new URIError('URI malformed'), 1, 'URIError: URI malformed (runtime)'],
    ['a socket', Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' }), 3, 'ECONN'],
  ])('%s fails the task after a few tries', async (_, thrown, tries, message) => {
    const ended = await calledUntilItEnds(throwing(thrown), 'sh>: x')
    expect(ended).toMatchObject({ attempt: tries, state: 'error' })
    expect(ended.message).toContain(message)
  })
})

test('while PostgreSQL is away a task is called again, however often, and then goes on', async () => {
  const { input } = await openOne(stage, '+a: {echo>: hi}')
  const url = new URL(stage.database.url)
  url.port = '1'
  const away = createPool(url.href)
  const there = stage.anotherWorker()
  const lost = stage.anotherWorker({ store: createStore(away) })
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const environment = new MockActivityEnvironment({ isLocal: true, attempt })
    const error: unknown = await environment
      .run(() => lost.runTask(input))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  }
  const environment = new MockActivityEnvironment({ isLocal: true, attempt: 9 })
  expect(await environment.run(() => there.runTask(input))).toEqual({ kind: 'done' })
  await away.end()
})

test('a step that the database left in the middle takes no place in the log of the next one', async () => {
  const { input } = await openOne(stage, '+a: {echo>: hi}')
  const call = (worker: ReturnType<Stage['anotherWorker']>) =>
    new MockActivityEnvironment({ isLocal: true, attempt: 1 }).run(() => worker.runTask(input))
  const away: Operator = {
    ...operators.get('echo')!,
    run: () => Promise.reject(markOutage(new Error('away'))),
  }
  await expect(call(stage.anotherWorker({ operators: [away] }))).rejects.toThrow('away')
  expect(await call(stage.anotherWorker())).toEqual({ kind: 'done' })
  const files = await stage.store.logs.files(input.attemptId)
  expect(files).toHaveLength(1)
  expect((await logText(stage.store.logs, files[0]!.id)).match(/^hi$/gm)).toHaveLength(1)
})

test('an empty _check is none: its task is done', async () => {
  const { input, row } = await openOne(stage, '+a: {echo>: hi, _check: {}}')
  const worker = stage.anotherWorker()
  await new MockActivityEnvironment({ isLocal: true }).run(() => worker.runTask(input))
  expect((await row()).state).toBe('success')
})

test('a step that is taken again while it is under way leaves one log', async () => {
  const { input } = await openOne(stage, '+a: {echo>: hi}')
  const worker = stage.anotherWorker()
  const call = () =>
    new MockActivityEnvironment({ isLocal: true, attempt: 1 }).run(() => worker.runTask(input))
  const ends = await Promise.all([call(), call(), call()])
  expect(ends).toMatchObject([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
  const files = await stage.store.logs.files(input.attemptId)
  expect(files).toHaveLength(1)
  expect((await logText(stage.store.logs, files[0]!.id)).match(/^hi$/gm)).toHaveLength(1)
})

test('a task that a step left just before its end, and that is sent to a queue then, leaves one log', async () => {
  const { input } = await openOne(stage, '+a: {echo>: hi}')
  const written = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  const slow = stage.anotherWorker({
    store: {
      ...stage.store,
      tasks: {
        ...stage.store.tasks,
        // Its log is there, and its end comes when nobody waits for it any more.
        async end(...args) {
          written.resolve()
          await left.promise
          return stage.store.tasks.end(...args)
        },
      },
    },
  })
  const step = new MockActivityEnvironment({ isLocal: true, attempt: 1 }).run(() =>
    slow.runTask(input),
  )
  await written.promise
  const queue = new MockActivityEnvironment({ isLocal: false, taskQueue: 'control', attempt: 1 })
  const ran = { task: '+case+a', operator: 'echo>', command: 'hi', parameters: {} }
  expect(await queue.run(() => stage.anotherWorker().runTask(input))).toEqual({ kind: 'done', ran })
  left.resolve()
  expect(await step).toEqual({ kind: 'done' })
  const files = await stage.store.logs.files(input.attemptId)
  expect(files).toHaveLength(1)
  expect((await logText(stage.store.logs, files[0]!.id)).match(/^hi$/gm)).toHaveLength(1)
})

test.each([
  ['wait>: 99999999d', 'wait> waits for a hundred years'],
  ['http>: "http://u:50%off@127.0.0.1:1/", retry: false', 'Write %25'],
  ['fail>: no, _retry: {limit: 1, interval: 999999999999999}', 'no'],
])('%s fails and says so', async (dig, message) => {
  const name = dig.slice(0, dig.indexOf('>'))
  const ended = await calledUntilItEnds(operators.get(name)!, dig)
  expect(ended.attempt).toBe(1)
  expect(ended.message).toContain(message)
})
