import { expect, test, vi } from 'vitest'
import type { Static } from 'typebox'
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
