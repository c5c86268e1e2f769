import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildIdOf } from './build-id.ts'

const map = (path: string): string =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(path).toString('base64')}`

test('the same code is the same version, wherever it was built and whether it was built before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-bundle-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const codePath = join(folder, 'bundle.js')
  await writeFile(codePath, `code()${map('/there')}`)
  const here = await buildIdOf({ code: `code()${map('/here')}` }, '1.24.0')
  expect(here).toMatch(/^[0-9a-f]{16}$/)
  expect(await buildIdOf({ codePath }, '1.24.0')).toBe(here)
})

test('other code is another version, and so is the same code on another SDK', async () => {
  const ids = [
    await buildIdOf({ code: 'one()' }, '1.24.0'),
    await buildIdOf({ code: 'two()' }, '1.24.0'),
    await buildIdOf({ code: 'one()' }, '1.25.0'),
  ]
  expect(new Set(ids).size).toBe(3)
})
