import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { beginInstance } from './testing/instance.ts'
import { isOpen } from './testing/is-open.ts'

test('Ctrl-C while it starts leaves nothing running', async () => {
  const instance = await beginInstance({ silent: true })
  const { temporal, postgres } = instance.ports
  const deadline = Date.now() + 60_000
  while (!(await isOpen('127.0.0.1', temporal))) {
    if (Date.now() > deadline) throw new Error('Temporal does not start')
    await sleep(20)
  }
  await instance.stop('SIGINT')
  for (const port of [temporal, postgres]) expect(await isOpen('127.0.0.1', port)).toBe(false)
}, 120_000)
