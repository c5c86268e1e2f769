import { lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { giveTo } from './task-user.ts'

const root = process.getuid?.() === 0
const user = { uid: 61_000, gid: 61_000, home: '/' }

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'suiro-give-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test.runIf(root)('files change hands to the last, but nothing that a link leads to', async () => {
  const place = await folder()
  const outside = await folder()
  await mkdir(join(outside, 'theirs'))
  await writeFile(join(outside, 'theirs/file'), '')
  await mkdir(join(place, 'a/b'), { recursive: true })
  await Promise.all(Array.from({ length: 200 }, (_, n) => writeFile(join(place, `a/b/${n}`), '')))
  await symlink(join(outside, 'theirs'), join(place, 'a/link'))
  for (const turn of ['first', 'again']) {
    await giveTo(user, place)
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    const owners = await Promise.all(
      entries.map(async ({ parentPath, name }) => (await lstat(join(parentPath, name))).uid),
    )
    expect([turn, entries.length, new Set(owners)]).toEqual([turn, 203, new Set([user.uid])])
    expect((await stat(place)).uid).toBe(user.uid)
    expect((await stat(join(outside, 'theirs/file'))).uid).toBe(0)
    expect((await stat(join(outside, 'theirs'))).uid).toBe(0)
  }
})
