import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { provideRuby } from './ruby.ts'

test('a Ruby that is there is taken; where none can be had, it is said what to install', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-path-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('PATH', folder)
  await expect(provideRuby(folder, () => undefined)).rejects.toThrow(
    'The tests of rb> need Ruby, and there is no apt-get here. Install Ruby 3 or newer (Debian: apt-get install ruby; macOS: brew install ruby)',
  )
  await writeFile(join(folder, 'ruby'), '#!/bin/sh\n')
  await chmod(join(folder, 'ruby'), 0o755)
  expect(await provideRuby(folder, () => undefined)).toBeUndefined()
})
