import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OperatorError } from '../failure.ts'
import { createObjects } from '../storage/objects.ts'
import { storageEngine } from '../storage/testing/engine.ts'
import { createPgStage, running, type PgStage } from './testing/database.ts'

let stage: PgStage
beforeAll(async () => {
  stage = await createPgStage()
})
afterAll(() => stage.close())

describe('pg> with store_last_results', () => {
  const stored = async (data: string, which: string | boolean): Promise<unknown> => {
    const result = await stage.pg({ data, store_last_results: which })
    expect(result.resetParams).toEqual(['pg.last_results'])
    return (result.stored as { pg: { last_results: unknown } }).pg.last_results
  }

  test('stores the first row or all of them', async () => {
    const data = 'select n, n * 2 as twice from generate_series(1, 3) n;'
    expect(await stored(data, 'first')).toEqual({ n: 1, twice: 2 })
    expect(await stored(data, true)).toEqual({ n: 1, twice: 2 })
    expect(await stored(data, 'all')).toEqual([
      { n: 1, twice: 2 },
      { n: 2, twice: 4 },
      { n: 3, twice: 6 },
    ])
    expect(await stored('select 1 where false', 'first')).toEqual({})
    expect(await stored('select 1 where false', 'all')).toEqual([])
    expect((await stage.pg({ data, store_last_results: false })).stored).toBeUndefined()
  })

  test('has numbers as they are, and texts of everything that JSON lacks', async () => {
    const data = `select 9007199254740993 as big, 42::bigint as small, 1.10 as price, 0.001::numeric as tiny,
      -12.50 as minus, 100.00 as round, 12345678901234567.8 as long, 'NaN'::numeric as nan, 1.5::float8 as half,
      'infinity'::float8 as inf, 5::real as whole, 1e20::float8 as huge, 1e-7::float8 as little, true as yes, null as nothing, date '2026-03-05' as day,
      timestamp '2026-03-05 01:02:03.4' as moment, '{"a": [1, 2.0, 9007199254740993]}'::jsonb as doc, array[1, 2] as list,
      array['x', null] as words, point(1, 2) as place, '\\x00ff'::bytea as bytes`
    const { rawJSON } = JSON
    expect(await stored(data, 'first')).toEqual({
      ...{ big: rawJSON('9007199254740993'), small: 42, price: 1.1, tiny: 0.001, minus: -12.5 },
      ...{ round: rawJSON('100.0'), long: rawJSON('12345678901234567.8'), nan: 'NaN', half: 1.5 },
      ...{
        inf: 'Infinity',
        whole: rawJSON('5.0'),
        huge: rawJSON('1e+20'),
        little: 1e-7,
        yes: true,
      },
      ...{ nothing: null, day: '2026-03-05', moment: '2026-03-05 01:02:03.4' },
      ...{ doc: { a: [1, rawJSON('2.0'), rawJSON('9007199254740993')] } },
      ...{ list: [1, 2], words: ['x', null], place: '(1,2)', bytes: String.raw`\x00ff` },
    })
  })

  test('refuses large values before they come here', async () => {
    const before = process.memoryUsage().rss
    const peak = { rss: before }
    const watch = setInterval(() => {
      peak.rss = Math.max(peak.rss, process.memoryUsage().rss)
    }, 5)
    await expect(stored(`select repeat('x', 200000000) as v`, 'first')).rejects.toThrow(
      'The size of result value exceeded the limit: 200000000 > 256',
    )
    const many = `select repeat('x', 1000000) as v from generate_series(1, 2000)`
    await expect(stored(many, 'all')).rejects.toThrow('1000000 > 256')
    clearInterval(watch)
    // 200 MB came here as bytes, then as a text.
    expect(peak.rss - before).toBeLessThan(100 * 2 ** 20)
  })

  test('keeps the order of a query, and the last of columns of one name', async () => {
    const data = `select 1 as a, 2 as a, (select count(*) from generate_series(1, 3)) as n order by 1`
    expect(await stored(data, 'all')).toEqual([{ a: 2, n: 3 }])
  })

  test('refuses what is too large, and reads no further than it must', async () => {
    const rows = (n: number): string => `select generate_series(1, ${n}) as n`
    expect(await stored(rows(8192), 'all')).toHaveLength(8192)
    await expect(stored(rows(8193), 'all')).rejects.toThrow(
      'The number of result rows exceeded the limit: 8193 > 8192',
    )
    const began = Date.now()
    await expect(stored(rows(200_000_000), 'all')).rejects.toThrow('8193 > 8192')
    expect(await stored(rows(200_000_000), 'first')).toEqual({ n: 1 })
    expect(Date.now() - began).toBeLessThan(15_000)
    const columns = Array.from({ length: 65 }, (_, n) => `1 as c${n}`).join(', ')
    await expect(stored(`select ${columns}`, 'first')).rejects.toThrow(
      'The number of result columns exceeded the limit: 65 > 64',
    )
    expect(await stored("select repeat('x', 256) as v", 'first')).toEqual({ v: 'x'.repeat(256) })
    await expect(stored("select repeat('x', 257)", 'all')).rejects.toThrow(
      'The size of result value exceeded the limit: 257 > 256',
    )
    await expect(
      stored("select array_agg('xxxx'::text) from generate_series(1, 50)", 'first'),
    ).rejects.toThrow('The size of result value exceeded the limit')
  })

  test('refuses rows that together are too large, each within the limits', async () => {
    const columns = Array.from({ length: 64 }, (_, n) => `repeat('x', 256) as c${n}`).join(', ')
    const rows = (n: number): string => `select ${columns} from generate_series(1, ${n})`
    expect(await stored(rows(400), 'all')).toHaveLength(400)
    await expect(stored(rows(8192), 'all')).rejects.toThrow(
      /The size of results exceeded the limit: \d{7} > 8388608\. Let the query answer less, or write/,
    )
  })

  test('only reads, and takes one query', async () => {
    await stage.rows('create table if not exists w (n int)')
    const nextInto =
      "create or replace function put() returns int language sql as 'insert into w values (1) returning n'"
    await stage.rows(nextInto)
    await expect(stored('select put()', 'first')).rejects.toThrow(
      'cannot execute INSERT in a read-only transaction',
    )
    for (const options of [{ store_last_results: 'first' }, { insert_into: 'w' }]) {
      const two = stage.pg({ data: 'select 1; select 2', ...options })
      await expect(two).rejects.toThrow('cannot insert multiple commands into a prepared statement')
    }
    expect(await stage.rows('select * from w')).toEqual([])
  })
})

describe('pg> with download_file', () => {
  test('writes a float as one, also where it is whole', async () => {
    const data = `select 1 as n, x::real as "x y", x::float8 as x, x::numeric as d
      from (values (5), (-0.5), (null), (1e20)) v (x)`
    await stage.pg({ data, download_file: 'gs://b/floats.csv' })
    expect(stage.objects.get('gs://b/floats.csv')).toBe(
      'n,x y,x,d\n1,5.0,5.0,5\n1,-0.5,-0.5,-0.5\n1,,,\n1,1e+20,1e+20,100000000000000000000\n',
    )
    await stage.pg({
      data: `select 'NaN'::float8 as a, 'infinity'::real as a, 0::float8 as b order by 1;`,
      download_file: 'gs://b/odd.csv',
    })
    expect(stage.objects.get('gs://b/odd.csv')).toBe('a,a,b\nNaN,Infinity,0.0\n')
  })

  const data = `select * from (values (1, 'plain', true), (2, 'a "b", c', null), (3, '', false)) v (n, t, "B");`
  const csv = 'n,t,B\n1,plain,t\n2,"a ""b"", c",\n3,"",f\n'

  test('writes CSV with a header to a file of the project', async () => {
    const context = stage.contextOf({ data, download_file: 'out/a.csv' })
    await stage.run(context)
    const root = await context.project.directory()
    expect(await readFile(join(root, 'out/a.csv'), 'utf8')).toBe(csv)
    expect(context.output()).toContain('Wrote 3 rows to out/a.csv\n')
    for (const outside of ['../a.csv', '/tmp/a.csv', '.']) {
      await expect(stage.pg({ data, download_file: outside })).rejects.toThrow(
        `download_file '${outside}' is outside of the project`,
      )
    }
  })

  test('writes no more to the worker’s disk than a file may have', async () => {
    const context = stage.contextOf({
      data: "select repeat('x', 1000) from generate_series(1, 10000000)",
      download_file: 'big.csv',
    })
    const refused = stage.run(context, undefined, { mostFileBytes: 3 * 2 ** 20 })
    await expect(refused).rejects.toThrow(
      'The result is larger than 3 MiB, the most that is written to a file of the project (big.csv). Download it to gs://…',
    )
    const folder = await context.project.directory()
    expect((await stat(join(folder, 'big.csv'))).size).toBeLessThanOrEqual(3 * 2 ** 20)
    while ((await running(stage)).length > 0) await new Promise((go) => setTimeout(go, 20))
  })

  test('writes the same to a real object of Cloud Storage', async () => {
    const storage = storageEngine()
    const bucket = storage.bucket(`pg-${Date.now()}`)
    await bucket.create()
    const { writeObject } = createObjects(storage)
    const target = `gs://${bucket.name}/day=1/a.csv`
    const context = stage.contextOf({ data, download_file: target })
    await stage.run(context, writeObject)
    await stage.run(stage.contextOf({ data, download_file: target }), writeObject)
    expect(String((await bucket.file('day=1/a.csv').download())[0])).toBe(csv)
    expect(context.output()).toBe(`Wrote 3 rows to ${target}\n`)
    // A result that breaks off leaves no object behind.
    const breaking = 'select 1 / (100000 - n) from generate_series(1, 200000) n'
    const half = stage.contextOf({ data: breaking, download_file: `gs://${bucket.name}/half.csv` })
    await expect(stage.run(half, writeObject)).rejects.toThrow(/^ERROR: division by zero$/)
    expect(await bucket.file('half.csv').exists()).toEqual([false])
  })

  test('passes a large result on as it comes, without holding it', async () => {
    const before = process.memoryUsage().rss
    let bytes = 0
    const context = stage.contextOf({
      data: "select generate_series(1, 300000), repeat('x', 1000)",
      download_file: 'gs://b/large.csv',
    })
    await stage.run(context, async (_, content) => {
      for await (const chunk of content) bytes += (chunk as Buffer).length
      return { bytes }
    })
    expect(bytes).toBeGreaterThan(300_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20)
    expect(context.output()).toBe('Wrote 300000 rows to gs://b/large.csv\n')
  })

  test('fails with the target, in the middle of a result, and leaves the server alone', async () => {
    const context = stage.contextOf({
      data: "select generate_series(1, 10000000), repeat('x', 1000)",
      download_file: 'gs://b/refused.csv',
    })
    const refused = stage.run(context, async (uri, content) => {
      await once(content, 'data')
      content.destroy()
      throw new OperatorError(`Cannot write ${uri}: no permission`)
    })
    await expect(refused).rejects.toThrow('Cannot write gs://b/refused.csv: no permission')
    while ((await running(stage)).length > 0) await new Promise((go) => setTimeout(go, 20))
  })

  test('is one snapshot that only reads', async () => {
    await stage.rows(
      'create table if not exists snap (n int); truncate snap; insert into snap values (1)',
    )
    const write = stage.pg({ data: 'select put()', download_file: 'gs://b/o' })
    await expect(write).rejects.toThrow('read-only transaction')
    const context = stage.contextOf({
      data: "select current_setting('transaction_isolation') as level",
      download_file: 'gs://b/level',
    })
    await stage.run(context, async (_, content) => {
      expect(await text(content)).toBe('level\nrepeatable read\n')
      return { bytes: 0 }
    })
  })
})
