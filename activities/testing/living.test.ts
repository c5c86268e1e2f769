import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { livingOf } from './living.ts'

test('a process is living until it has ended', async () => {
  const child = spawn('sleep', ['600'])
  const pid = String(child.pid)
  expect(await livingOf(['', pid])).toEqual([pid])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await livingOf([pid])).toEqual([])
})
