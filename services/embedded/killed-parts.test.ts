import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient, type Client } from '#client/client.ts'
import type { Ports } from './settings.ts'
import { startInstance, type Instance } from './testing/instance.ts'
import { isOpen } from './testing/is-open.ts'
import { listenersOf } from './ports/listeners.ts'

const long = {
  'main.dig': `
timezone: UTC
+p:
  _parallel: true
  +wait:
    wait>: 20s
  +shell:
    sh>: sleep 10
  +query:
    bq>:
      data: SELECT 1
`,
}

// Who listens where is read from /proc.
describe.skipIf(process.platform !== 'linux')('npm start whose parts are killed', () => {
  let instance: Instance
  let api: Client
  beforeAll(async () => {
    instance = await startInstance({ silent: true })
    api = createClient(instance.url)
  }, 300_000)
  afterAll(() => instance.stop(), 60_000)

  const run = async (sessionTime: string): Promise<string> => {
    const { body } = await api.start('killed', 'main', sessionTime)
    return String(body['id'])
  }

  /** Kills who listens there, and answers when somebody else does. */
  const kill = async (part: keyof Ports): Promise<void> => {
    const holder = async (): Promise<number | undefined> =>
      (await listenersOf(instance.pid)).find(({ port }) => port === instance.ports[part])?.pid
    const killed = await holder()
    expect([part, killed]).toEqual([part, expect.any(Number)])
    process.kill(killed!, 'SIGKILL')
    const deadline = Date.now() + 60_000
    for (;;) {
      const now = await holder()
      if (now !== undefined && now !== killed) return
      if (Date.now() > deadline) throw new Error(`${part} is not back:\n${instance.said()}`)
      await sleep(100)
    }
  }

  test('each is started again with a sentence, and what ran goes on to its end', async () => {
    expect((await api.push('killed', long)).status).toBe(200)
    const attempt = await run('2001-01-05T00:00:00Z')
    await api.taskIn(attempt, '+main+p+shell', ['running'])
    await api.taskIn(attempt, '+main+p+query', ['success'])
    for (const part of ['bigquery', 'storage', 'temporal', 'postgres', 'worker', 'api'] as const) {
      await kill(part)
    }
    const sentences = instance.said().match(/died \(.*\); its log is in .*\. Starting it again/g)
    expect(sentences?.length).toBeGreaterThanOrEqual(6)
    const ready = async (): Promise<boolean> =>
      fetch(`${instance.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    while (!(await ready())) await sleep(100)
    expect(await api.finished(attempt, 180)).toMatchObject({ status: 'success' })
    expect(await api.finished(await run('2001-01-06T00:00:00Z'), 120)).toMatchObject({
      status: 'success',
    })
  }, 400_000)

  test('a query that ran in the engine when it was killed fails soon, and says why', async () => {
    const dig = `
+query:
  bq>:
    data: |
      SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS a, UNNEST(GENERATE_ARRAY(1, 30000)) AS b
      WHERE MOD(a * b, 7) = 1
`
    await api.push('long-query', { 'main.dig': dig })
    const { body } = await api.start('long-query', 'main', '2001-01-05T00:00:00Z')
    const attempt = String(body['id'])
    await vi.waitFor(
      async () => expect(await api.log(attempt, '+main+query')).toMatch(/BigQuery job .* started/),
      { timeout: 30_000, interval: 100 },
    )
    await kill('bigquery')
    expect(await api.finished(attempt, 60)).toMatchObject({ status: 'error' })
    expect(await api.log(attempt, '+main+query')).toContain('The engine ended while this job ran')
  }, 120_000)

  test('Ctrl-C then leaves nothing behind', async () => {
    const listeners = await listenersOf(instance.pid)
    expect(listeners.length).toBeGreaterThan(6)
    await instance.stop('SIGINT')
    for (const port of Object.values(instance.ports)) {
      expect([port, await isOpen('127.0.0.1', port)]).toEqual([port, false])
    }
    const left = listeners.filter(({ pid }) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    })
    expect(left).toEqual([])
  }, 60_000)
})
