import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { useStack } from '#harness/stack/use-stack.ts'

const stack = await useStack()

test('a task that ended two workers is not given to a third, and its neighbours succeed', async () => {
  const tries = join(stack.scratch, 'tries')
  const pushed = await stack.api.push('deadly', {
    'daily.dig': `
+all:
  _parallel: true
  +deadly: {sh>: "echo try >> ${tries}; sleep 600"}
  +beside: {sh>: "sleep 3"}
  +steps: {loop>: 5, _do: {echo>: "\${i}"}}
`,
  })
  expect(pushed).toMatchObject({ status: 200 })
  const { body } = await stack.api.start('deadly', 'daily', '2001-01-05T00:00:00Z')
  const id = body['id'] as string
  // The worker dies only when the command has begun: the test is what kills it, as memory would.
  const triedTimes = (times: number) =>
    vi.waitFor(async () => expect(await readFile(tries, 'utf8')).toBe('try\n'.repeat(times)), {
      timeout: 120_000,
      interval: 200,
    })
  await triedTimes(1)
  await stack.worker.crash()
  await stack.worker.start()
  await triedTimes(2)
  // It was in the first worker too: had it been in both, nobody could tell which of them it was.
  await stack.api.taskIn(id, '+daily+all+beside', ['success'])
  await stack.worker.crash()
  await stack.worker.start()
  const third = stack.worker.pid

  expect(await stack.api.finished(id, 120)).toMatchObject({ status: 'error' })
  await triedTimes(2)
  expect(stack.worker.pid).toBe(third)
  const ends = Object.fromEntries(
    (await stack.api.tasks(id)).map(({ fullName, state, error }) => [
      fullName,
      error.message ?? state,
    ]),
  )
  expect(ends).toMatchObject({
    '+daily+all+deadly': expect.stringContaining(
      'Two workers ended without a word while they ran this task (this try ended the worker twice), so it is not given to a third',
    ),
    '+daily+all+beside': 'success',
    '+daily+all+steps': 'success',
  })
}, 300_000)
