import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createPgStage, running, type PgStage } from './testing/database.ts'

let stage: PgStage
beforeAll(async () => {
  stage = await createPgStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.rows('drop schema if exists s cascade; create schema s'))

describe('pg> runs', () => {
  test('a text, or a rendered file relative to _workdir', async () => {
    await stage.pg('create table s.t (n int); insert into s.t values (1), (2)')
    const files = { 'queries/more.sql': 'insert into s.t values (${n})' }
    const render = async (text: string): Promise<string> => text.replace('${n}', '3')
    await stage.pg({ _command: 'queries/more.sql' }, { files, render })
    await stage.pg({ _command: 'more.sql', _workdir: 'queries' }, { files, render })
    await stage.pg({ _command: null, query: 'insert into s.t values (4)' })
    expect(await stage.rows('select n from s.t order by n')).toEqual([[1], [2], [3], [3], [4]])
    await expect(stage.pg({ _command: 'none.sql' })).rejects.toThrow('File not found: none.sql')
  })

  test('create_table, which replaces the table, and insert_into', async () => {
    const data = 'select 1 as "N" -- one; not two\n;  -- end\n'
    await stage.pg({ data, create_table: 's.Made' })
    await stage.pg({ data, create_table: 's.Made' })
    await stage.pg({ data: "select length('a; -- b')", insert_into: 's.Made' })
    expect(await stage.rows('select "N" from s."Made"')).toEqual([[1], [7]])
  })

  test('in a schema, with names of tables that hold anything', async () => {
    await stage.pg({ data: 'select 1 as n', create_table: 'odd"; drop schema s', schema: 's' })
    expect(await stage.rows('select n from s."odd""; drop schema s"')).toEqual([[1]])
    await stage.pg({
      data: 'select n + 1 from "odd""; drop schema s"',
      create_table: 'two',
      pg: { ...stage.params, schema: 's' },
    })
    expect(await stage.rows('select * from s.two')).toEqual([[2]])
    expect(await stage.rows("select to_regclass('s.__digdag_status') is not null")).toEqual([
      [true],
    ])
  })

  test('a script that fails in full or not at all', async () => {
    await stage.rows('create table s.t (n int)')
    await expect(stage.pg('insert into s.t values (1); select 1/0')).rejects.toThrow(
      /^ERROR: division by zero$/,
    )
    expect(await stage.rows('select * from s.t')).toEqual([])
  })

  test('without a transaction when asked to', async () => {
    await stage.rows('create table s.t (n int)')
    await expect(stage.pg('vacuum s.t')).rejects.toThrow(
      'VACUUM cannot run inside a transaction block',
    )
    await stage.pg({ data: 'vacuum s.t', strict_transaction: false })
    await stage.pg({ data: 'insert into s.t values (1)', strict_transaction: 'false' })
    expect(await stage.rows('select * from s.t')).toEqual([[1]])
  })

  test('a query whose rows nobody wants without keeping them', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const living = (): number => {
      collect()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const before = living()
    let most = before
    const looking = setInterval(() => (most = Math.max(most, living())), 50)
    await stage.pg("select repeat('x', 1000) from generate_series(1, 150000)")
    clearInterval(looking)
    // All rows together are 150 MB; what lives at any moment does not depend on when memory is given back.
    expect(most - before).toBeLessThan(60 * 2 ** 20)
  })

  test('no options that cannot go together', async () => {
    const both = (options: Record<string, string>) => stage.pg({ data: 'select 1', ...options })
    await expect(both({ create_table: 'a', insert_into: 'b' })).rejects.toThrow(
      "Can't use both of insert_into and create_table",
    )
    await expect(both({ create_table: 'a', download_file: 'b' })).rejects.toThrow(
      "Can't use download_file with insert_into or create_table",
    )
    await expect(both({ insert_into: 'a', store_last_results: 'all' })).rejects.toThrow(
      "Can't use store_last_results with insert_into or create_table",
    )
    await expect(both({ download_file: 'a', store_last_results: 'first' })).rejects.toThrow(
      "Can't use both download_file and store_last_results at once",
    )
    await expect(both({ store_last_results: 'some' })).rejects.toThrow(
      "Expected 'first', 'all' or 'false' for key 'store_last_results' but got \"some\"",
    )
  })

  test('and shows the line that the server refused', async () => {
    const data = "select 'ünï🦊' as a,\n  no_such\nfrom s.t"
    await stage.rows('create table s.t (n int)')
    const expected =
      /^ERROR: column "no_such" does not exist \(line 2 of the task's own SQL: "no_such"\)$/
    await expect(stage.pg(data)).rejects.toThrow(expected)
    for (const options of [
      { create_table: 'x' },
      { store_last_results: 'all' },
      { download_file: 'gs://b/o' },
    ]) {
      await expect(stage.pg({ data, ...options })).rejects.toThrow(expected)
    }
    await expect(stage.pg('selec 1')).rejects.toThrow(
      /^ERROR: syntax error at or near "selec" \(line 1 of the task's own SQL: "selec 1"\)$/,
    )
    await stage.rows('alter table s.t add primary key (n)')
    await expect(stage.pg('insert into s.t values (1), (1)')).rejects.toThrow(
      'DETAIL: Key (n)=(1) already exists.',
    )
  })

  test('and its log shows the SQL of its file, the line marked that the file has', async () => {
    const files = {
      'sql/copy.sql': 'select ${columns},\n  no_such as "c"\nfrom (select 1) as t;\n',
    }
    const given = { _command: 'copy.sql', _workdir: 'sql', create_table: 'copies', data: null }
    const render = (text: string) => Promise.resolve(text.replace('${columns}', '1 as a,\n2 as b'))
    const context = stage.contextOf(given, { files, render })
    await expect(stage.run(context)).rejects.toThrow(
      `ERROR: column "no_such" does not exist (sql/copy.sql, line 2, which is line 3 of its evaluated text: "no_such as "c"")`,
    )
    expect(context.said()).toBe(
      [
        'ERROR The SQL of sql/copy.sql, as it was run (line 3 is line 2 of the file):',
        '  1 | select 1 as a,',
        '  2 | 2 as b,',
        '> 3 |   no_such as "c"',
        '    |   ^',
        '  4 | from (select 1) as t;\n',
      ].join('\n'),
    )
  })

  test('and shows the SQL where the server gives no position, secrets taken out', async () => {
    const secrets = { 'pg.other': 'so-secret-a-name' }
    const query = `select 'so-secret-a-name',\n  1 / 0`
    const context = stage.contextOf(query, { secrets })
    await context.secrets.get('pg.other')
    await expect(stage.run(context)).rejects.toThrow(/^ERROR: division by zero$/)
    expect(context.said()).toBe(
      "ERROR The task's own SQL, as it was run:\n  1 | select '***',\n  2 |   1 / 0\n",
    )
  })
})

describe('pg> connects', () => {
  test('to where secrets say, over what parameters say', async () => {
    const { database, ...others } = stage.params
    const secrets = { 'pg.database': database, 'pg.port': stage.params.port }
    const pg = { ...others, database: 'nowhere', port: 1 }
    await stage.pg({ data: 'create table s.t ()', pg }, { secrets })
    expect(await stage.rows("select to_regclass('s.t') is not null")).toEqual([[true]])
  })

  test('with the password of a secret, never of a parameter or of the worker', async () => {
    const password = stage.secrets['pg.password']
    const wrong = { 'pg.password': 'wrong-one', 'pg.other': password }
    await stage.pg({ data: 'select 1', password_override: 'other' }, { secrets: wrong })
    const failing = stage.pg('select 1', { secrets: wrong })
    await expect(failing).rejects.toThrow(
      `Cannot connect to PostgreSQL ${stage.params.host}:${stage.params.port}/${stage.params.database} as ${stage.params.user}: password authentication failed`,
    )
    await expect(failing).rejects.not.toThrow('wrong-one')
    await expect(stage.pg({ data: 'select 1', password_override: 'none' })).rejects.toThrow(
      "Secret not found for key: 'pg.none'",
    )
    vi.stubEnv('PGPASSWORD', password)
    onTestFinished(() => void vi.unstubAllEnvs())
    const context = stage.contextOf({
      data: 'select 1',
      password,
      pg: { ...stage.params, password },
    })
    const unset = { ...context, secrets: { ...context.secrets, get: async () => undefined } }
    await expect(stage.run(unset)).rejects.toThrow(
      'the server asks for a password, and the secret pg.password is not set',
    )
  })

  test('or says what is missing, wrong or out of reach', async () => {
    const { host, ...others } = stage.params
    const withPg = (pg: Record<string, string | number>) => stage.pg({ data: 'select 1', pg })
    await expect(withPg(others)).rejects.toThrow("Parameter 'host' is required but not set. Set it")
    await expect(withPg({ ...others, host, port: 'x' })).rejects.toThrow(
      'Expected integer (int) type for key \'port\' but got "x" (string)',
    )
    await expect(withPg({ ...others, host, port: 1 })).rejects.toThrow(
      /Cannot connect .* ECONNREFUSED/,
    )
    await expect(withPg({ ...others, host, database: 'no_such_db' })).rejects.toThrow(
      'database "no_such_db" does not exist',
    )
    await expect(
      stage.pg({ data: 'select 1', pg: { ...stage.params, ssl: true } }),
    ).rejects.toThrow('The server does not support SSL connections')
  })

  test('and fails when the connection is lost, saying so', async () => {
    const ended = stage.pg('select pg_terminate_backend(pg_backend_pid()), pg_sleep(5)')
    await expect(ended).rejects.toThrow('terminating connection due to administrator command')

    const sockets: Socket[] = []
    const between = createServer((socket) => {
      const server = connect(Number(stage.params.port), stage.params.host)
      sockets.push(
        socket.on('error', () => undefined),
        server.on('error', () => undefined),
      )
      socket.pipe(server).pipe(socket)
    })
    onTestFinished(() => void between.close())
    between.listen(0, stage.params.host)
    await once(between, 'listening')
    const { port } = between.address() as AddressInfo
    const cut = stage.pg({ data: 'select pg_sleep(2)', pg: { ...stage.params, port } })
    cut.catch(() => undefined)
    await vi.waitFor(async () => expect(await running(stage)).toHaveLength(1), 20_000)
    for (const socket of sockets) socket.destroy()
    await expect(cut).rejects.toThrow(
      `The connection to PostgreSQL ${stage.params.host}:${port}/${stage.params.database} as ${stage.params.user} was lost: `,
    )
    // The server notices when its statement is done.
    await vi.waitFor(async () => expect(await running(stage)).toEqual([]), 5000)
  })

  test('and gives a statement up after socket_timeout', async () => {
    await expect(stage.pg({ data: 'select pg_sleep(20)', socket_timeout: '1s' })).rejects.toThrow(
      'canceling statement due to statement timeout',
    )
  })
})

describe('a pg> task that is killed', () => {
  for (const [kind, options] of Object.entries({
    writes: {},
    'stores a result': { store_last_results: 'all' },
    downloads: { download_file: 'gs://b/o' },
  })) {
    test(`stops its statement on the server while it ${kind}`, async () => {
      const context = stage.contextOf({ data: 'select pg_sleep(20)', ...options })
      const task = stage.run(context)
      task.catch(() => undefined)
      const busy = [[expect.stringMatching(/pg_sleep|fetch forward/)]]
      await vi.waitFor(async () => expect(await running(stage)).toEqual(busy), 20_000)
      const began = Date.now()
      context.abort(new Error('killed'))
      await expect(task).rejects.toThrow(/^killed$/)
      expect(Date.now() - began).toBeLessThan(15_000)
      await vi.waitFor(async () => expect(await running(stage)).toEqual([]), 20_000)
      expect(stage.objects.size).toBe(0)
    })
  }

  test('between two statements does not begin the next one', async () => {
    await stage.rows('create table s.t (n int)')
    const holder = await stage.connect()
    await holder.query('begin; lock table s.t')
    const context = stage.contextOf({
      data: 'select 1 as n',
      create_table: 's.t',
    })
    const task = stage.run(context)
    task.catch(() => undefined)
    await vi.waitFor(async () => expect(await running(stage)).toHaveLength(1), 20_000)
    context.abort(new Error('killed'))
    await holder.query('rollback')
    await holder.end()
    await expect(task).rejects.toThrow(/^killed$/)
    expect(await stage.rows('select count(*)::int from s.t')).toEqual([[0]])
  })

  test('at whatever moment ends soon and writes nothing', async () => {
    for (let delay = 0; delay < 40; delay += 1) {
      const context = stage.contextOf('create table s.never (); select pg_sleep(20)')
      const task = stage.run(context)
      task.catch(() => undefined)
      if (delay > 0) await sleep(delay - 1)
      const began = Date.now()
      context.abort(new Error('killed'))
      await expect(task).rejects.toThrow(/^killed$/)
      expect(Date.now() - began).toBeLessThan(15_000)
    }
    await vi.waitFor(async () => expect(await running(stage)).toEqual([]), 20_000)
    expect(await stage.rows("select to_regclass('s.never')")).toEqual([[null]])
  })
})
