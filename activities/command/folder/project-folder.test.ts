import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from './project-folder.ts'

test.each([['.digdag'], ['.digdag/tmp']])(
  'files of a run do not follow a link of the project called %s',
  async (name) => {
    const outside = await realpath(await mkdtemp(join(tmpdir(), 'suiro-outside-')))
    const root = join(outside, 'project')
    onTestFinished(() => rm(outside, { recursive: true }))
    await mkdir(join(root, name, '..'), { recursive: true })
    await symlink(outside, join(root, name))
    const folder = await temporaryFolder(root)
    expect(await realpath(folder)).toMatch(`${root}/.digdag-tmp-`)
    expect(await temporaryFolder(join(outside, 'usual'))).toBe(join(outside, 'usual/.digdag/tmp'))
  },
)
