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
  })

  test('limits texts to 256 characters, and other values only in their bytes', async () => {
    const { rawJSON } = JSON
    const bytes = String.raw`\x${'00'.repeat(300)}`
    const data = `select array_agg('xxxx'::text) as list, json_agg('é'::text) as doc,
      repeat('9', 300)::numeric as number, '${bytes}'::bytea as bytes, repeat('é', 256) as word
      from generate_series(1, 100)`
    expect(await stored(data, 'first')).toEqual({
      list: Array.from({ length: 100 }, () => 'xxxx'),
      doc: Array.from({ length: 100 }, () => 'é'),
      number: rawJSON('9'.repeat(300)),
      bytes,
      word: 'é'.repeat(256),
    })
    await expect(stored("select repeat('x', 257)::varchar(300)", 'first')).rejects.toThrow(
      'The size of result value exceeded the limit: 257 > 256',
    )
    const long = "select array_agg('é'::text) from generate_series(1, 50000)"
    await expect(stored(long, 'all')).rejects.toThrow(
      'The size of result value exceeded the limit: 150001 > 131072',
    )
  })

  test('has arrays of every type as lists, of any depth', async () => {
    await stage.rows(
      `create type mood as enum ('well', 'so, so'); create type pair as (a int, b text);
       create domain small as int check (value < 10); create domain smaller as small check (value < 5)`,
    )
    const { rawJSON } = JSON
    const data = String.raw`select array[9007199254740993, null]::bigint[] as big, '{1.10,NaN}'::numeric[] as price, '{5,0.5}'::real[] as half,
      '{{t,f},{f,t}}'::bool[] as yes, '[2:3]={1,2}'::int[] as bounds, '{}'::text[] as empty,
      array['a, b', '"q"', 'NULL', '', '\', '{}', null] as words, array['x'::char(2)] as chars, '{abc}'::name[] as names,
      array[date '2026-03-05'] as days, array[interval '1 day'] as spans, array['{"a": 1.0}', '[2]']::jsonb[] as docs,
      array['well', 'so, so']::mood[] as moods, array[row(1, 'x')::pair] as pairs, array[1, 2]::small[] as smalls,
      array[1, 2]::smaller[] as smaller, array[box '(1,1),(0,0)', box '(2,2),(1,1)'] as boxes,
      array['00000000-0000-0000-0000-000000000001']::uuid[] as ids, '1 2'::int2vector as vector, 3::smaller as one`
    expect(await stored(data, 'first')).toEqual({
      ...{ big: [rawJSON('9007199254740993'), null], price: [1.1, 'NaN'] },
      ...{ half: [rawJSON('5.0'), 0.5] },
      yes: [
        [true, false],
        [false, true],
      ],
      ...{ bounds: [1, 2], empty: [], words: ['a, b', '"q"', 'NULL', '', '\\', '{}', null] },
      ...{ chars: ['x '], names: ['abc'], days: ['2026-03-05'], spans: ['1 day'] },
      ...{ docs: [{ a: rawJSON('1.0') }, [2]], moods: ['well', 'so, so'], pairs: ['(1,x)'] },
      ...{ smalls: [1, 2], smaller: [1, 2], boxes: ['(1,1),(0,0)', '(2,2),(1,1)'] },
      ...{ ids: ['00000000-0000-0000-0000-000000000001'], vector: '1 2', one: 3 },
    })
  })

  test('has a value of a column in one type, whatever it is', async () => {
    const data =
      'select x as f, x::real as r, array[x] as l from (values (5::float8), (0.5), (null)) v (x)'
    expect(JSON.stringify(await stored(data, 'all'))).toBe(
      '[{"f":5.0,"r":5.0,"l":[5.0]},{"f":0.5,"r":0.5,"l":[0.5]},{"f":null,"r":null,"l":[null]}]',
    )
  })

  test('stores what SHOW and EXPLAIN report', async () => {
    expect(await stored('show server_encoding;', 'first')).toEqual({ server_encoding: 'UTF8' })
    const settings = (await stored('-- all\n/* of them */ SHOW ALL', 'all')) as unknown[]
    expect(settings.length).toBeGreaterThan(200)
    expect(await stored('explain (costs off) select 1', 'all')).toEqual([
      { 'QUERY PLAN': 'Result' },
    ])
    expect(await stored('explain (costs off, format json) select 1', 'first')).toMatchObject({
      'QUERY PLAN': [{ Plan: { 'Node Type': 'Result' } }],
    })
    await expect(stored('explain select 1; select 2', 'first')).rejects.toThrow(
      'cannot insert multiple commands into a prepared statement',
    )
    await expect(stored('show nothing_like_it', 'first')).rejects.toThrow(
      'unrecognized configuration parameter "nothing_like_it"',
    )
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

  test('writes what SHOW and EXPLAIN report', async () => {
    const target = 'gs://b/report.csv'
    const context = stage.contextOf({ data: 'show server_encoding', download_file: target })
    await stage.run(context)
    expect(stage.objects.get(target)).toBe('server_encoding\nUTF8\n')
    expect(context.output()).toBe(`Wrote 1 rows to ${target}\n`)
    await stage.pg({ data: 'explain (costs off) table "pg_class"', download_file: target })
    expect(stage.objects.get(target)).toBe('QUERY PLAN\nSeq Scan on pg_class\n')
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
