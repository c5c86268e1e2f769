import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpack } from './archive.ts'
import { tarGz, type EntryHeader } from './tar-gz.ts'

const limit = 1024 * 1024

const archiveOf = (...entries: readonly (readonly [EntryHeader, string?])[]) => tarGz(entries)

test('files come out under their paths', async () => {
  const archive = await archiveOf(
    [{ name: './', type: 'directory' }],
    [{ name: './main.dig' }, '+a:\n  echo>: 1\n'],
    [{ name: 'sql/', type: 'directory' }],
    [{ name: 'sql/report.sql' }, 'select 1'],
  )
  const files = await unpack(archive, limit)
  expect([...files.keys()]).toEqual(['main.dig', 'sql/report.sql'])
  expect(String(files.get('sql/report.sql'))).toBe('select 1')
})

test('long names survive', async () => {
  const name = `${'deep/'.repeat(40)}${'x'.repeat(120)}.sql`
  const files = await unpack(await archiveOf([{ name }, '1']), limit)
  expect([...files.keys()]).toEqual([name])
})

test('a link inside the project is the file it points to', async () => {
  const archive = await archiveOf(
    [{ name: 'shared/a.dig' }, 'x: 1'],
    [{ name: 'a.dig', type: 'symlink', linkname: 'shared/a.dig' }],
    [{ name: 'shared/b.dig', type: 'symlink', linkname: '../a.dig' }],
  )
  const files = await unpack(archive, limit)
  expect(String(files.get('a.dig'))).toBe('x: 1')
})

test.each([
  [{ name: '../evil.dig' }, 'leads outside'],
  [{ name: '/etc/passwd' }, 'leads outside'],
  [{ name: 'a/../../evil.dig' }, 'leads outside'],
  [{ name: 'a.dig', type: 'symlink', linkname: '../../etc/passwd' }, 'leads outside'],
  [{ name: 'a.dig', type: 'symlink', linkname: '/etc/passwd' }, 'leads outside'],
  [{ name: 'a.dig', type: 'fifo' }, 'fifo'],
] satisfies [EntryHeader, string][])('%j is refused', async (header, message) => {
  await expect(unpack(await archiveOf([header]), limit)).rejects.toThrow(message)
})

test('the sum of the files is limited, however small the archive is', async () => {
  const half = '0'.repeat(limit / 2 + 1)
  const archive = await archiveOf([{ name: 'a' }, half], [{ name: 'b' }, half])
  expect(archive.length).toBeLessThan(limit / 100)
  await expect(unpack(archive, limit)).rejects.toThrow(`exceeds limit (${limit} bytes)`)
})

test('an archive that unpacks without end is stopped', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  await expect(unpack(bomb, limit)).rejects.toThrow('exceeds limit')
})

test('what is no gzip is refused in the words of Digdag', async () => {
  await expect(unpack(Buffer.from('hello'), limit)).rejects.toThrow(
    'Input is not in the .gz format',
  )
  await expect(unpack(Buffer.alloc(0), limit)).rejects.toThrow('Input is not in the .gz format')
})

test('a damaged archive is refused', async () => {
  const archive = await archiveOf([{ name: 'a.dig' }, 'x'.repeat(5_000)])
  await expect(unpack(archive.subarray(0, archive.length - 20), limit)).rejects.toThrow(
    'cannot be read',
  )
  await expect(unpack(gzipSync(Buffer.alloc(4_096, 'not a tar')), limit)).rejects.toThrow(
    'cannot be read',
  )
})
