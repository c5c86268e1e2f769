import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createHttpServer, echo, type TestServer } from '#activities/http/testing/server.ts'
import type { Stack } from '#harness/stack/stack.ts'

/** `http>` against a real server that is busy or slow. */
export function httpTests(stack: () => Stack): void {
  let server: TestServer
  beforeAll(async () => {
    server = await createHttpServer()
  })
  afterAll(() => server.close())
  beforeEach(() => {
    server.respond = echo
  })

  /** Pushes a workflow of one `http>` task and starts it. */
  async function started(project: string, path: string, options: string): Promise<string> {
    const dig = `+call:\n  http>: ${server.origin}${path}\n${options}`
    expect(await stack().api.push(project, { 'daily.dig': dig })).toMatchObject({ status: 200 })
    const answer = await stack().api.start(project, 'daily', '2001-01-05T00:00:00Z')
    return answer.body['id'] as string
  }

  const requests = (path: string): number =>
    server.received.filter(({ url }) => url === path).length

  /** Answers requests of a path only when the test says so. */
  function hold(path: string): () => void {
    const release = Promise.withResolvers<void>()
    server.respond = async (request, response) => {
      if (request.url === path) await release.promise
      return echo(request, response)
    }
    return release.resolve
  }

  test('http> tries again without end, and a kill between two tries ends it', async () => {
    server.respond = (_, response) => response.writeHead(503).end('busy')
    const id = await started('retrying', '/busy', '')
    await stack().api.taskIn(id, '+daily+call', ['retry_waiting'])
    await expect.poll(() => requests('/busy'), { timeout: 60_000 }).toBeGreaterThan(2)
    await stack().api.request('POST', `/api/attempts/${id}/kill`, {})
    expect(await stack().api.finished(id)).toMatchObject({ status: 'killed' })
    const [task] = (await stack().api.tasks(id)).filter(
      ({ fullName }) => fullName === '+daily+call',
    )
    expect(task?.state).toBe('canceled')
    const log = await stack().api.log(id, '+daily+call')
    expect(log).toContain('503 Service Unavailable: busy: retrying in 1 seconds')
    expect(log).toContain('retrying in 2 seconds')
  })

  test('http> that waits for a slow answer ends at once when it is killed', async () => {
    const release = hold('/slow')
    const id = await started('slow', '/slow', '  method: POST\n  timeout: 600\n')
    await expect.poll(() => requests('/slow'), { timeout: 60_000 }).toBe(1)
    await stack().api.request('POST', `/api/attempts/${id}/kill`, {})
    expect(await stack().api.finished(id)).toMatchObject({ status: 'killed' })
    release()
  })

  test('http> finishes a POST when its worker is asked to stop', async () => {
    const release = hold('/drained')
    const id = await started('drained', '/drained', '  method: POST\n')
    await expect.poll(() => requests('/drained'), { timeout: 60_000 }).toBe(1)
    const stopping = stack().worker.stop()
    release()
    await stopping
    await stack().worker.start()
    expect(await stack().api.finished(id)).toMatchObject({ status: 'success' })
    expect(requests('/drained')).toBe(1)
  }, 120_000)

  test('http> sends a POST whose worker is lost no second time, and a GET again', async () => {
    const release = hold('/lost')
    const posted = await started('posted', '/lost', '  method: POST\n')
    const asked = await started('asked', '/lost', '')
    await expect.poll(() => requests('/lost'), { timeout: 60_000 }).toBe(2)
    await stack().worker.crash()
    release()
    await stack().worker.start()
    expect(await stack().api.finished(asked)).toMatchObject({ status: 'success' })
    expect(await stack().api.finished(posted)).toMatchObject({ status: 'error' })
    const sent = server.received.filter(({ url }) => url === '/lost').map(({ method }) => method)
    expect(sent.toSorted()).toEqual(['GET', 'GET', 'POST'])
    const task = (await stack().api.tasks(posted)).find(
      ({ fullName }) => fullName === '+daily+call',
    )
    expect(task?.error.message).toContain('The worker was lost while it waited for the answer')
  }, 240_000)
}
