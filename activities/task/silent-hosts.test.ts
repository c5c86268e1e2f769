import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledFailure } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBq } from '../bigquery/bq.ts'
import { createBqDdl } from '../bigquery/bq-ddl.ts'
import { usualPace } from '../bigquery/patience.ts'
import { engineDeps } from '../bigquery/testing/engine.ts'
import { taskContext } from '../bigquery/testing/context.ts'
import { start as startHttp } from '../http/testing/run.ts'
import { start as startMail } from '../mail/testing/run.ts'
import { createPgStage, running, type PgStage } from '../postgres/testing/database.ts'
import { createStorageClient } from '../storage/client.ts'
import { createObjects } from '../storage/objects.ts'
import {
  createDroppingHost,
  createFreezingProxy,
  createSilentHost,
  type SilentHost,
} from '#harness/faults/hosts.ts'

// A kill is felt in time by a task that waits for somebody who never answers.

const killed = new CancelledFailure('CANCELLED')
/** With what a busy machine takes; each of the waits that are ended here is 10 seconds or longer. */
const soonMilliseconds = 5_000

let stage: PgStage
beforeAll(async () => {
  stage = await createPgStage()
})
afterAll(() => stage.close())

interface Waiting {
  readonly run: Promise<unknown>
  readonly abort: (reason: Error) => void
}

/** Kills what has waited for a while; answers after how many milliseconds it ends. */
async function kill({ run, abort }: Waiting): Promise<number> {
  const ended = run.then(
    () => 'success',
    (error: unknown) => error,
  )
  expect(await Promise.race([ended, sleep(700, 'waiting')])).toBe('waiting')
  const began = performance.now()
  abort(killed)
  expect(await ended).toBe(killed)
  return performance.now() - began
}

const deps = (port: number) => ({ ...engineDeps(`http://127.0.0.1:${port}`), pace: usualPace })

const waits: Readonly<Record<string, (port: number) => Waiting>> = {
  'pg>'(port) {
    const host = { ...stage.params, port }
    const context = stage.contextOf({ data: 'select 1', pg: host })
    return { run: stage.run(context), abort: context.abort }
  },
  'http>'(port) {
    const { result, context } = startHttp({ _command: `http://127.0.0.1:${port}`, timeout: 0 })
    return { run: result, abort: context.abort }
  },
  'bq>'(port) {
    const context = taskContext({ _command: { data: 'select 1' } })
    return { run: createBq(deps(port)).run(context), abort: context.abort }
  },
  'bq_ddl>'(port) {
    const context = taskContext({ create_datasets: ['d'] })
    return { run: createBqDdl(deps(port)).run(context), abort: context.abort }
  },
  'mail>'(port) {
    const mail = { host: '127.0.0.1', port }
    const letter = { _command: { data: 'hi' }, from: 'a@b.c', to: 'd@e.f', subject: 's' }
    const { result, context } = startMail({ ...letter, mail })
    return { run: result, abort: context.abort }
  },
  'a write to storage'(port) {
    const client = createStorageClient({
      projectId: 'p',
      apiEndpoint: `http://127.0.0.1:${port}`,
    })
    const controller = new AbortController()
    return {
      run: createObjects(client).writeObject(
        'gs://b/o',
        Readable.from(['a,b\n']),
        controller.signal,
      ),
      abort: (reason) => controller.abort(reason),
    }
  },
}

describe.each([
  ['accepts its connection and is silent', createSilentHost],
  ['drops its packets', createDroppingHost],
])('a kill ends what waits for a host that %s:', (_, create) => {
  let host: SilentHost
  beforeAll(async () => {
    host = await create()
  })
  afterAll(() => host.close())

  test.concurrent.each(Object.keys(waits))('%s', async (name) => {
    expect(await kill(waits[name]!(host.port))).toBeLessThan(soonMilliseconds)
  })
})

test('a kill ends a pg> whose server falls silent while it works', async () => {
  const proxy = await createFreezingProxy({ host: '127.0.0.1', port: Number(stage.params.port) })
  const host = { ...stage.params, port: proxy.port, host: '127.0.0.1' }
  const context = stage.contextOf({ data: 'select pg_sleep(600)', pg: host })
  const run = stage.run(context)
  run.catch(() => undefined)
  while ((await running(stage)).length === 0) await sleep(20)
  proxy.freeze()
  expect(await kill({ run, abort: context.abort })).toBeLessThan(soonMilliseconds)
  await proxy.close()
})
