import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOutput } from './output-file.ts'

test('an output that is nested too deep to be stored is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'output-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'output.json')
  const nested = (levels: number): Promise<void> =>
    writeFile(file, `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)
  await nested(900)
  expect((await readOutput(file)).kind).toBe('object')
  await nested(100_000)
  expect(await readOutput(file)).toEqual({
    kind: 'broken',
    why: 'it is nested deeper than 1000 levels',
  })
})
