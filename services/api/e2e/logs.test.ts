import { expect, test, vi } from 'vitest'
import type { Static } from 'typebox'
import type { LogTry } from '../schemas/log-text.ts'
import type { LogFile } from '../schemas/log.ts'
import { useStack } from '#harness/stack/use-stack.ts'

const stack = await useStack({ SUIRO_LOG_LEVEL: 'debug', SUIRO_EXAMPLES: 'false' })

async function run(name: string, dig: string): Promise<string> {
  await stack.api.push(name, { 'daily.dig': dig })
  const { body } = await stack.api.start(name, 'daily', '2001-01-05')
  const id = body['id'] as string
  await stack.api.finished(id)
  return id
}

type Line = Readonly<Record<string, unknown>>

const linesOf = (part: 'apiProcess' | 'worker'): readonly Line[] =>
  stack[part]
    .printed()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

test('digdag log shows tasks in the order they ran, whatever their names', async () => {
  const id = await run(
    'order',
    '+z:\n  echo>: 1\n+y:\n  echo>: 2\n+x:\n  sh>: echo 3\n+w:\n  fail>: 4\n',
  )
  const response = await fetch(`${stack.url}/api/logs/${id}/files`)
  const { files } = (await response.json()) as { readonly files: Static<typeof LogFile>[] }
  // As the client does it; JavaScript's sort, too, leaves equal times as they come.
  const shown = files.toSorted((a, b) =>
    a.fileTime < b.fileTime ? -1 : a.fileTime > b.fileTime ? 1 : 0,
  )
  expect(shown.map(({ taskName }) => taskName)).toEqual([
    ...['+daily+z', '+daily+y', '+daily+x', '+daily+w', '+daily^failure-alert'],
  ])
})

test('each try of a task can be read by itself, and all of an attempt as one text', async () => {
  const id = await run(
    'tries',
    '+a:\n  _retry: 1\n  sh>: echo from a shell; exit 1\n  _error:\n    echo>: it failed\n',
  )
  const local = await run('rounds', '+b:\n  _retry: 1\n  +c:\n    fail>: in a step\n')
  const tries = async (attempt: string) => {
    const response = await fetch(`${stack.url}/api/attempts/${attempt}/log/tries`)
    const { tries } = (await response.json()) as { readonly tries: Static<typeof LogTry>[] }
    return tries.map((row) => [row.taskName, row.try])
  }
  expect(await tries(id)).toEqual([
    ['+daily+a', 1],
    ['+daily+a', 2],
    ['+daily+a^error', 1],
    ['+daily^failure-alert', 1],
  ])
  expect(await tries(local)).toEqual([
    // A group's retry runs tasks of its own.
    ['+daily+b+c', 1],
    ['+daily+b+c', 1],
    ['+daily^failure-alert', 1],
  ])
  const [task] = await stack.query<{ id: number }>(
    "select id::int from tasks where attempt_id = $1 and full_name = '+daily+a'",
    [id],
  )
  const task_id = String(task?.id)
  const second = await stack.api.logText(id, { task_id, try: '2' })
  expect(second.match(/^from a shell$/gm)).toHaveLength(1)
  const both = await stack.api.logText(id, { task_id })
  expect(both.split('\n==> try 2 <==\n')[1]).toBe(second)
  const merged = await stack.api.logText(id)
  expect(merged).toMatch(/^\+daily\+a \| from a shell$/m)
  expect(merged).toMatch(/^\+daily\+a try 2 \| from a shell$/m)
})

test('all that API and worker print is JSON of one form, with attempt and task', async () => {
  const id = await run('form', '+a:\n  sh>: echo 1\n')
  const [task] = await stack.query<{ id: number }>(
    "select id::int from tasks where attempt_id = $1 and full_name = '+daily+a'",
    [id],
  )
  await vi.waitFor(() => {
    const about = linesOf('worker').filter((line) => line['task'] === task?.id)
    expect(about.length).toBeGreaterThan(0)
    for (const line of about) expect(line).toMatchObject({ attempt: Number(id), call: 1 })
  }, 5_000)
  for (const [process, part] of [
    ['apiProcess', 'api'],
    ['worker', 'worker'],
  ] as const) {
    for (const line of linesOf(process)) {
      expect(Object.keys(line).slice(0, 5)).toEqual(['level', 'time', 'part', 'pid', 'hostname'])
      expect(line).toMatchObject({
        part,
        level: expect.stringMatching(/^(debug|info|warn|error)$/),
        msg: expect.any(String),
      })
    }
  }
})

test('no secret of the settings is in it', () => {
  const all = stack.apiProcess.printed() + stack.worker.printed()
  expect(all).toContain('"part":"worker"')
  const secrets = [stack.env['SUIRO_SECRET_KEY'], new URL(stack.databaseUrl).password]
  for (const secret of secrets.filter(Boolean)) expect(all).not.toContain(secret)
})
