import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { tarGz, type EntryHeader } from './pack.ts'
import { readArchive, readFileOf } from './read.ts'

const limit = 1024 * 1024

type Packed = readonly [EntryHeader, string?]
const archiveOf = (...entries: readonly Packed[]): Promise<Buffer> => tarGz(entries)

async function filesOf(...entries: readonly Packed[]): Promise<Record<string, string>> {
  const files = await readArchive(await archiveOf(...entries), limit)
  expect(files.mistakes).toEqual([])
  return Object.fromEntries([...files.keys()].map((path) => [path, String(files.get(path))]))
}

async function codesOf(...entries: readonly Packed[]): Promise<readonly string[]> {
  const { mistakes } = await readArchive(await archiveOf(...entries), limit)
  for (const { advice } of mistakes) expect(advice).toMatch(/\w/)
  return mistakes.map(({ code }) => code)
}

const link = (name: string, linkname: string): Packed => [{ name, type: 'symlink', linkname }]
const hard = (name: string, linkname: string): Packed => [{ name, type: 'link', linkname }]

describe('what tar programs make is taken:', () => {
  test('files under their paths, however those are written', async () => {
    const files = await filesOf(
      [{ name: './', type: 'directory' }],
      [{ name: './main.dig' }, '+a:\n  echo>: 1\n'],
      [{ name: 'sql//x/../report.sql' }, 'select 1'],
      [{ name: 'a\\b c:d?.txt' }, 'odd'],
      [{ name: '._main.dig' }, 'Mac OS X'],
    )
    expect(files).toEqual({
      'main.dig': '+a:\n  echo>: 1\n',
      'sql/report.sql': 'select 1',
      'a\\b c:d?.txt': 'odd',
      '._main.dig': 'Mac OS X',
    })
  })

  test('long names and other scripts', async () => {
    const name = `${'deep/'.repeat(40)}${'表'.repeat(80)}.sql`
    expect(await filesOf([{ name }, '1'])).toEqual({ [name]: '1' })
  })

  test('a repeated entry: the last counts', async () => {
    expect(await filesOf([{ name: 'a' }, 'old'], [{ name: './a' }, 'new'])).toEqual({ a: 'new' })
    expect(await filesOf([{ name: 'b' }, 'b'], [{ name: 'a' }, 'old'], link('a', 'b'))).toEqual({
      a: 'b',
      b: 'b',
    })
  })

  test('symbolic links, over links and folders, and paths that lead over them', async () => {
    const archive = await archiveOf(
      [{ name: 'shared/sql/a.sql' }, 'select 1'],
      link('sql', 'shared/sql'),
      link('a.sql', './sql/../sql/a.sql'),
      link('shared/up.sql', '../a.sql'),
      link('here', '.'),
    )
    const files = await readArchive(archive, limit)
    expect(files.mistakes).toEqual([])
    expect([...files.keys()]).toEqual(['shared/sql/a.sql', 'a.sql', 'shared/up.sql'])
    for (const path of ['a.sql', 'sql/a.sql', 'shared/up.sql', 'here/here/sql/a.sql']) {
      expect(String(files.get(path))).toBe('select 1')
      expect(String(await readFileOf(archive, path, limit))).toBe('select 1')
      expect(files.has(path)).toBe(true)
    }
    expect(files.has('sql')).toBe(false)
    expect(files.get('a.sql/x')).toBeUndefined()
  })

  test('hard links are the file that was there then', async () => {
    expect(
      await filesOf([{ name: 'a' }, '1'], hard('b', './a'), [{ name: 'a' }, '2'], hard('c', 'b')),
    ).toEqual({ a: '2', b: '1', c: '1' })
  })

  test('several gzip members, as one archive and as several', async () => {
    const [first, second] = [
      await archiveOf([{ name: 'a' }, '1']),
      await archiveOf([{ name: 'b' }, '2']),
    ]
    const files = await readArchive(Buffer.concat([first, second]), limit)
    expect([...files.keys()]).toEqual(['a', 'b'])
  })
})

describe('what no run can use is a mistake:', () => {
  test.each([
    ['OUTSIDE', [{ name: '../evil.dig' }]],
    ['OUTSIDE', [{ name: '/etc/passwd' }]],
    ['OUTSIDE', [{ name: 'a/../../evil.dig' }]],
    ['LINK_OUTSIDE', link('a', '../../etc/passwd')],
    ['LINK_OUTSIDE', link('a', '/etc/passwd')],
    ['LINK_OUTSIDE', hard('a', '/etc/passwd')],
    ['LINK_OUTSIDE', hard('a', '../x')],
    ['LINK_WITHOUT_TARGET', link('a', 'b')],
    ['LINK_WITHOUT_TARGET', link('a', '')],
    ['LINK_WITHOUT_TARGET', hard('a', 'b')],
    ['LINK_LOOP', link('a', 'a')],
    ['LINK_LOOP', hard('a', 'a')],
    ['UNKNOWN_TYPE', [{ name: 'a', type: 'fifo' }]],
    ['UNKNOWN_TYPE', [{ name: 'a', type: 'character-device', devmajor: 1, devminor: 3 }]],
    ['NAME_TOO_LONG', [{ name: `x/${'n'.repeat(256)}` }]],
    ['NAME_TOO_LONG', [{ name: '表'.repeat(86) }]],
    ['PATH_TOO_LONG', [{ name: `${'n'.repeat(200)}/`.repeat(18) + 'x' }]],
    ['NOT_UTF8', [{ name: 'caf\u{FFFD}.txt' }]],
    ['NUL_IN_NAME', [{ name: 'x', pax: { path: 'a\0b' } }]],
    ['EMPTY_NAME', [{ name: '.' }, 'x']],
    ['UNKNOWN_TYPE', [{ name: 'a', pax: { 'GNU.sparse.major': '1' } }, 'x']],
  ] satisfies [string, Packed][])('%s: %j', async (code, entry) => {
    expect(await codesOf([{ name: 'good' }, 'x'], entry)).toEqual([code])
  })

  test.each([
    ['a file and a folder', 'FILE_AND_FOLDER', [[{ name: 'a' }], [{ name: 'a/b' }]]],
    ['a folder and a file', 'FILE_AND_FOLDER', [[{ name: 'a/b' }], [{ name: 'a' }]]],
    ['deep below a file', 'FILE_AND_FOLDER', [[{ name: 'x' }], [{ name: 'x/y/z' }]]],
    ['below a link', 'BELOW_LINK', [[{ name: 'd/y' }], link('l', 'd'), [{ name: 'l/x' }]]],
    ['a hard link to a folder', 'LINK_TO_FOLDER', [[{ name: 'd/y' }], hard('l', 'd')]],
    [
      'over a link and out',
      'LINK_OUTSIDE',
      [[{ name: 'd/e/f' }], link('l', 'd'), link('m', 'l/../../x')],
    ],
    ['a type of GNU tar alone', 'UNKNOWN_TYPE', [[{ name: 'v', type: 'V' as 'file' }]]],
  ] satisfies [string, string, Packed[]][])('%s', async (_, code, entries) => {
    const packed = await archiveOf(...entries.filter(([{ type }]) => (type as string) !== 'V'))
    const archive = code === 'UNKNOWN_TYPE' ? await withType('V') : packed
    const { mistakes } = await readArchive(archive, limit)
    expect(mistakes.map((one) => one.code)).toEqual([code])
  })

  test('all at once, each with the name', async () => {
    const archive = await archiveOf(
      link('dangling', 'nothing'),
      [{ name: 'pipe', type: 'fifo' }],
      [{ name: '../up' }, 'x'],
      link('l1', 'l2'),
      link('l2', 'l1'),
    )
    const { mistakes } = await readArchive(archive, limit)
    expect(mistakes.map(({ message }) => message)).toEqual([
      '"pipe" is a fifo; only files, folders and links can be pushed',
      'The path "../up" leads outside of the project',
      '"dangling" links to "nothing", which is not in the archive',
      '"l1" links to "l2" and so in a circle',
      '"l2" links to "l1" and so in a circle',
    ])
  })
})

/** A tar with one entry of a type that tar-stream cannot write. */
async function withType(type: string): Promise<Buffer> {
  const header = Buffer.alloc(512)
  header.write('volume', 0)
  header.write('0000644\0', 100)
  header.write('00000000000\0', 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write('ustar', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return gzipSync(Buffer.concat([header, Buffer.alloc(1024)]))
}

describe('an archive that cannot be read:', () => {
  test('the sum of the files is limited, however small the archive is', async () => {
    const half = '0'.repeat(limit / 2 + 1)
    const archive = await archiveOf([{ name: 'a' }, half], [{ name: 'b' }, half])
    expect(archive.length).toBeLessThan(limit / 100)
    await expect(readArchive(archive, limit)).rejects.toMatchObject({ reason: 'too-large' })
  })

  test('one that unpacks without end is stopped', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    await expect(readArchive(bomb, limit)).rejects.toMatchObject({ reason: 'too-large' })
  })

  test('no gzip', async () => {
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(0)]) {
      await expect(readArchive(bytes, limit)).rejects.toMatchObject({ reason: 'not-gzip' })
    }
  })

  test('damaged', async () => {
    const archive = await archiveOf([{ name: 'a.dig' }, 'x'.repeat(5_000)])
    const cut = archive.subarray(0, archive.length - 20)
    const noTar = gzipSync(Buffer.alloc(4_096, 'not a tar'))
    for (const bytes of [cut, noTar]) {
      await expect(readArchive(bytes, limit)).rejects.toMatchObject({ reason: 'damaged' })
    }
  })
})
