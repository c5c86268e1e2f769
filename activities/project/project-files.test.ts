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
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createArchives } from './archives.ts'
import { createRunFiles } from './project-files.ts'
import { readTexts } from './texts.ts'

type Entry = readonly [Partial<Header> & { name: string }, string?]

const archive = (...entries: readonly Entry[]): Promise<Buffer> => {
  const tar = pack()
  for (const [header, text] of entries) tar.entry(header, text ?? '')
  tar.finalize()
  return buffer(Readable.from(tar).pipe(createGzip()))
}

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
  test('stand in a private folder, and are removed with it', async () => {
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
      `${'deep/'.repeat(40)}long-name.sql`,
    ])
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
    await expect(files.directory()).rejects.toThrow(/The archive (holds|links)/)
    await files.remove()
    expect(await readdir(temporary)).toEqual([])
    expect(existsSync(path.join(temporary, 'evil'))).toBe(false)
  })

  test('does not write through a link of its own', async () => {
    const files = filesOf(
      [{ name: 'l', type: 'symlink', linkname: 'real' }],
      [{ name: 'l/file' }, 'through'],
    )
    await expect(files.directory()).rejects.toThrow('two entries of one name: l')
    await files.remove()
  })

  test('that is none at all is an error too', async () => {
    const files = createRunFiles({
      archive: async () => gzipSync('not a tar'.repeat(200)),
      temporary,
    })
    await expect(files.directory()).rejects.toThrow(/tar header/)
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
