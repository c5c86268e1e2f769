import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '#harness/stack/stack.ts'

// A worker with little memory, and tasks that each would take it down if they got what they ask for: the
// process stays the same one, and attempts beside them do not notice.

let stack: Stack
/** Answers every request without end. */
const endless = createServer((_, response) => {
  const piece = Buffer.alloc(2 ** 20, 'x')
  const pour = (): void => {
    while (response.write(piece));
  }
  response.on('drain', pour).on('error', () => undefined)
  pour()
})
beforeAll(async () => {
  endless.listen(0, '127.0.0.1')
  stack = await startStack({
    NODE_OPTIONS: '--max-old-space-size=700',
    SUIRO_LOG_MAX_BYTES: String(4 * 2 ** 20),
  })
}, 120_000)
afterAll(async () => {
  endless.closeAllConnections()
  endless.close()
  await stack.stop()
}, 60_000)

async function start(project: string, more = {}): Promise<string> {
  const answer = await stack.api.start(project, 'daily', '2001-01-05T00:00:00Z', more)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body['id'] as string
}

async function push(project: string, daily: string): Promise<void> {
  const pushed = await stack.api.push(project, { 'daily.dig': daily })
  expect(pushed).toMatchObject({ status: 200 })
  const { password } = new URL(stack.databaseUrl)
  const secret = `/api/projects/${String(pushed.body['id'])}/secrets/pg.password`
  const put = await stack.api.request('PUT', secret, { value: decodeURIComponent(password) })
  expect(put.status).toBe(200)
}

/** 1 GB in pieces of 10 MB. */
const gigabyte =
  "${(function () { var all = []; for (var i = 0; i < 100; i += 1) all.push('x'.repeat(1e7) + i); return all.length })()}"

test('tasks that print, read and allocate without measure do not take the worker down', async () => {
  const { hostname, port, username, pathname } = new URL(stack.databaseUrl)
  const database = { host: hostname, port, user: username, database: pathname.slice(1) }
  const http = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`
  await push(
    'hostile',
    `
_export: {pg: ${JSON.stringify(database)}}
+all:
  _parallel: true
  +lines: {sh>: "yes 0123456789 | head -c 300000000"}
  +line: {sh>: "head -c 300000000 /dev/zero"}
  +values:
    pg>: {data: "select repeat('x', 1000000) as v from generate_series(1, 200)"}
    store_last_results: all
  +rows:
    pg>: {data: "select repeat('x', 256) as v, generate_series(1, 100000000) as n"}
    store_last_results: all
  +kept: {http>: "${http}", store_content: true, timeout: 0}
  +unkept: {http>: "${http}", timeout: 0}
  +call: {http_call>: "${http}", timeout: 0}
  +memory: {echo>: "${gigabyte}"}
`,
  )
  await push('memory', `+all: {loop>: 2, _parallel: true, _do: {echo>: "${gigabyte}"}}`)
  await push(
    'normal',
    '+loop: {loop>: 20, _do: {echo>: "${i + 1}"}}\n+sh: {sh>: echo done}\n+end: {echo>: "${session_date}"}',
  )
  const worker = stack.worker.pid

  const hostile = await start('hostile')
  const allocating = await Promise.all(
    ['a', 'b', 'c'].map((retryAttemptName) => start('memory', { retryAttemptName })),
  )
  const normal: string[] = []
  for (const retryAttemptName of ['a', 'b', 'c', 'd']) {
    const id = await start('normal', { retryAttemptName })
    expect(await stack.api.finished(id)).toMatchObject({ status: 'success' })
    normal.push(id)
  }
  for (const id of [hostile, ...allocating]) {
    expect(await stack.api.finished(id)).toMatchObject({ status: 'error' })
  }
  expect(stack.worker.pid).toBe(worker)

  const tasks = await stack.api.tasks(hostile)
  const said = Object.fromEntries(
    tasks.flatMap(({ fullName, state, error }) =>
      fullName.startsWith('+daily+all+')
        ? [[fullName.slice('+daily+all+'.length), error.message ?? state]]
        : [],
    ),
  )
  // Whichever of its limits an expression meets first: the machine may be busy.
  const tooMuch: unknown = expect.stringMatching(
    /it needs more than 64 MB of memory|it took longer than/,
  )
  expect(said).toEqual({
    lines: 'success',
    line: 'success',
    values: expect.stringContaining('The size of result value exceeded the limit: 1000000 > 256'),
    rows: expect.stringContaining('The number of result rows exceeded the limit: 8193 > 8192'),
    kept: expect.stringContaining('Response content too large: more than 262144 > 65536'),
    unkept: expect.stringContaining('Response content too large: more than 256 MiB'),
    call: expect.stringContaining('Response content too large: more than 262144 > 65536'),
    memory: tooMuch,
  })
  for (const name of ['lines', 'line']) {
    const log = await stack.api.log(hostile, `+daily+all+${name}`)
    expect(log).toContain('The log has reached its limit of 4 MiB')
    expect(log.length).toBeLessThan(5 * 2 ** 20)
  }
  for (const id of allocating) {
    const failed = (await stack.api.tasks(id)).filter(({ state }) => state === 'error')
    expect(failed).toHaveLength(2)
    for (const { error } of failed) expect(error.message).toEqual(tooMuch)
  }
}, 180_000)
