import { existsSync } from 'node:fs'
import {
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tarGz, type EntryHeader } from '#archive/pack.ts'
import { createArchives } from './archives.ts'
import { createRunFiles } from './project-files.ts'
import { readTexts } from './texts.ts'
import { asTaskFailure } from './unusable.ts'

type Entry = readonly [EntryHeader, string?]

const archive = (...entries: readonly Entry[]): Promise<Buffer> => tarGz(entries)

let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'suiro-test-'))
})
afterAll(() => rm(temporary, { recursive: true }))

const filesOf = (...entries: readonly Entry[]) =>
  createRunFiles({ archive: () => archive(...entries), temporary })

const project: readonly Entry[] = [
  [{ name: 'case.dig' }, '+a: {echo>: 1}'],
  [{ name: './sub/run.sh', mode: 0o755 }, 'echo hi'],
  [{ name: 'sub/link.sh', type: 'symlink', linkname: 'run.sh' }],
  [{ name: `${'deep/'.repeat(40)}long-name.sql` }, 'select 1'],
]

describe('the files of a run', () => {
  test('are in a private folder, and are removed with it', async () => {
    const files = filesOf(...project)
    const folder = await files.directory()
    expect(await files.directory()).toBe(folder)
    expect(await readFile(path.join(folder, 'sub/link.sh'), 'utf8')).toBe('echo hi')
    expect(await readlink(path.join(folder, 'sub/link.sh'))).toBe('run.sh')
    expect((await stat(path.join(folder, 'sub/run.sh'))).mode & 0o111).not.toBe(0)
    expect((await stat(folder)).mode & 0o077).toBe(0)
    await files.remove()
    expect(existsSync(folder)).toBe(false)
  })

  test('are read as text without a folder, and from it once there is one', async () => {
    const files = filesOf(...project)
    expect(await files.text('sub/run.sh')).toBe('echo hi')
    expect(await files.text('./sub/../case.dig')).toBe('+a: {echo>: 1}')
    expect(await files.text(`${'deep/'.repeat(40)}long-name.sql`)).toBe('select 1')
    expect(await readdir(temporary)).toEqual([])

    const folder = await files.directory()
    await writeFile(path.join(folder, 'made.sql'), 'select 2')
    expect(await files.text('made.sql')).toBe('select 2')
    await files.remove()
  })

  test.each(['nope.sql', 'sub', '../case.dig', '/etc/hostname'])(
    '%s is not found',
    async (name) => {
      const files = filesOf(...project)
      await expect(files.text(name)).rejects.toThrow(`File not found: ${name}`)
      const folder = await files.directory()
      await expect(files.text(name)).rejects.toThrow(`File not found: ${name}`)
      await symlink('/etc/hostname', path.join(folder, 'out'))
      await expect(files.text('out')).rejects.toThrow('File not found: out')
      await files.remove()
    },
  )

  test('that nobody asks for cost nothing', async () => {
    const files = createRunFiles({
      archive: () => Promise.reject(new Error('nobody asked')),
      temporary,
    })
    await files.remove()
    expect(await readdir(temporary)).toEqual([])
  })

  test('all of them as texts', async () => {
    const texts = await readTexts(await archive(...project))
    expect([...texts.keys()]).toEqual([
      'case.dig',
      'sub/run.sh',
      'sub/link.sh',
      `${'deep/'.repeat(40)}long-name.sql`,
    ])
  })
})

describe('links and repeated entries are the same for every operator:', () => {
  test.each([
    ['a link', [{ name: 'b.sql', type: 'symlink', linkname: 'a.sql' }]],
    ['a hard link', [{ name: 'b.sql', type: 'link', linkname: 'a.sql' }]],
    ['a repeated entry', [{ name: './b.sql' }, 'select 1']],
  ] satisfies [string, Entry][])('%s', async (_, entry) => {
    const files = filesOf([{ name: 'a.sql' }, 'select 1'], [{ name: 'b.sql' }, 'select 0'], entry)
    expect(await files.text('b.sql')).toBe('select 1')
    expect((await files.texts()).get('b.sql')).toBe('select 1')
    const folder = await files.directory()
    expect(await readFile(path.join(folder, 'b.sql'), 'utf8')).toBe('select 1')
    expect(await files.text('b.sql')).toBe('select 1')
    await files.remove()
  })

  test('a link to a folder', async () => {
    const files = filesOf(
      [{ name: 'sql/a.sql' }, 'select 1'],
      [{ name: 'queries', type: 'symlink', linkname: 'sql' }],
    )
    expect(await files.text('queries/a.sql')).toBe('select 1')
    const folder = await files.directory()
    expect(await readFile(path.join(folder, 'queries/a.sql'), 'utf8')).toBe('select 1')
    await files.remove()
  })

  test('a link to nothing is in folders of revisions that were pushed with it', async () => {
    const files = filesOf(
      [{ name: 'a' }, 'x'],
      [{ name: 'l', type: 'symlink', linkname: 'nothing' }],
    )
    expect(await readlink(path.join(await files.directory(), 'l'))).toBe('nothing')
    await files.remove()
  })
})

describe('an archive that no machine can unpack fails the task, and is not tried again:', () => {
  test.each([
    ['a name of 300 characters', [[{ name: 'n'.repeat(300) }]]],
    ['a path of 8,000', [[{ name: `${'n'.repeat(200)}/`.repeat(40) + 'x' }]]],
    ['a file and a folder', [[{ name: 'a' }], [{ name: 'a/b' }]]],
    ['a file through a file', [[{ name: 'x' }], [{ name: 'x/y/z' }]]],
  ] satisfies [string, Entry[]][])('%s', async (_, entries) => {
    await expect(filesOf(...entries).directory()).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('The archive of this revision cannot be unpacked'),
    })
    expect(await readdir(temporary)).toEqual([])
  })

  const systemError = (code: string) =>
    Object.assign(new Error(`${code}: of a test`), { code, syscall: 'open' })

  test.each(['ENAMETOOLONG', 'EEXIST', 'ENOTDIR', 'ELOOP'])(
    '%s of the file system',
    async (code) => {
      await expect(asTaskFailure(Promise.reject(systemError(code)))).rejects.toMatchObject({
        kind: 'config',
        message: expect.stringContaining(code),
      })
    },
  )

  test.each(['ENOSPC', 'EIO', 'EMFILE'])('but %s is our own trouble', async (code) => {
    const error = systemError(code)
    await expect(asTaskFailure(Promise.reject(error))).rejects.toBe(error)
  })
})

describe('an archive that reaches outside', () => {
  const hostile: readonly (readonly [string, readonly Entry[]])[] = [
    ['a path upwards', [[{ name: '../evil' }, 'x']]],
    ['an absolute path', [[{ name: '/tmp/evil' }, 'x']]],
    ['a path that goes in and out', [[{ name: 'a/../../evil' }, 'x']]],
    ['an absolute link', [[{ name: 'l', type: 'symlink', linkname: '/etc' }]]],
    ['a link upwards', [[{ name: 'l', type: 'symlink', linkname: '..' }]]],
    [
      'a link over a link',
      [
        [{ name: 'a', type: 'symlink', linkname: '.' }],
        [{ name: 'b', type: 'symlink', linkname: 'a/..' }],
        [{ name: 'c', type: 'symlink', linkname: 'a/../x/../..' }],
      ],
    ],
    ['a hard link', [[{ name: 'h', type: 'link', linkname: '/etc/passwd' }]]],
    ['a device', [[{ name: 'd', type: 'character-device', devmajor: 1, devminor: 3 }]]],
  ]
  test.each(hostile)('is refused: %s', async (_, entries) => {
    const files = filesOf([{ name: 'good' }, 'x'], ...entries)
    await expect(files.directory()).rejects.toThrow(
      /cannot be unpacked: .*(leads|links) out|cannot be unpacked: .* is a /,
    )
    await files.remove()
    expect(await readdir(temporary)).toEqual([])
    expect(existsSync(path.join(temporary, 'evil'))).toBe(false)
  })

  test('does not write through a link of its own', async () => {
    const files = filesOf(
      [{ name: 'real' }, 'x'],
      [{ name: 'l', type: 'symlink', linkname: 'real' }],
      [{ name: 'l/file' }, 'through'],
    )
    await expect(files.directory()).rejects.toThrow('"l/file" lies below "l", which is a link')
    await files.remove()
  })

  test('that is none at all is an error too', async () => {
    const files = createRunFiles({
      archive: async () => gzipSync('not a tar'.repeat(200)),
      temporary,
    })
    await expect(files.directory()).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/cannot be read: .*tar header/),
    })
    await files.remove()
    expect(await readdir(temporary)).toEqual([])
  })
})

test('archives are read once, until many others were', async () => {
  const asked: number[] = []
  const archives = createArchives({
    async archiveOfRevision(id) {
      asked.push(id)
      return Buffer.alloc(30 * 2 ** 20)
    },
  })
  for (const id of [1, 1, 2, 1, 3, 2, 1]) await archives(id as never)
  expect(asked).toEqual([1, 2, 3, 2, 1])
})
