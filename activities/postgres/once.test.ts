import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { CommitInDoubtError } from '../commit-in-doubt.ts'
import { runOnce } from './once.ts'
import { createPgStage, running, type PgStage } from './testing/database.ts'

let stage: PgStage
beforeAll(async () => {
  stage = await createPgStage()
})
afterAll(() => stage.close())
beforeEach(() =>
  stage.rows(
    'drop schema if exists s cascade; drop table if exists __digdag_status; create schema s; create table s.t (n int)',
  ),
)

const identity = (taskId = 21) => ({ sessionUuid: randomUUID(), taskId })
const written = async (): Promise<unknown> => (await stage.rows('select count(*)::int from s.t'))[0]

describe('a pg> task that writes', () => {
  const data = 'insert into s.t values (1)'

  test('writes once in a try, however often the try is repeated', async () => {
    const task = { identity: identity() }
    await stage.pg(data, task)
    const again = stage.contextOf(data, task)
    await stage.run(again)
    expect(await written()).toEqual([1])
    expect(again.output()).toContain('nothing was written again')
    await stage.pg(data, { ...task, retries: 1 })
    await stage.pg(data, { identity: { ...task.identity, taskId: 22 } })
    expect(await written()).toEqual([3])
  })

  test('writes in a repeated run what the first one could not', async () => {
    const task = { identity: identity() }
    await expect(stage.pg(`${data}; select 1/0`, task)).rejects.toThrow('division by zero')
    expect(await written()).toEqual([0])
    await stage.pg(data, task)
    expect(await written()).toEqual([1])
  })

  test('waits for the run of a worker that is gone, and writes nothing after it', async () => {
    const task = { identity: identity() }
    const slow = 'select pg_sleep(1); insert into s.t values (1)'
    const runs = [stage.pg(slow, task)]
    await vi.waitFor(async () => expect(await running(stage)).toHaveLength(1), 5000)
    runs.push(stage.pg(slow, task), stage.pg(slow, task))
    await Promise.all(runs)
    expect(await written()).toEqual([1])
  })

  test('makes its status table once when many tasks begin together', async () => {
    const tasks = Array.from({ length: 12 }, (_, n) => stage.pg(data, { identity: identity(n) }))
    await Promise.all(tasks)
    expect(await written()).toEqual([12])
    expect(await stage.rows('select count(*)::int from __digdag_status')).toEqual([[12]])
  })

  test('stores its status where it is configured, and uses a table of Digdag itself', async () => {
    await stage.rows(
      'create table s."My Status" (query_id text not null unique, created_at timestamptz not null, completed_at timestamptz)',
    )
    const options = { data, status_table: 'My Status', status_table_schema: 's' }
    const task = { identity: identity() }
    await stage.pg(options, task)
    await stage.pg(options, task)
    expect(await written()).toEqual([1])
    const status = 'select query_id, completed_at >= created_at from s."My Status"'
    expect(await stage.rows(status)).toEqual([[`${task.identity.sessionUuid}.21.0`, true]])
    expect(await stage.rows("select to_regclass('__digdag_status')")).toEqual([[null]])
  })

  test('does not run SQL that would end its transaction, unless the task says that this is meant', async () => {
    const commits = `${data}; commit; select 1/0`
    await expect(stage.pg(commits)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/^The SQL holds COMMIT, but pg> runs it in a transaction/),
    })
    expect(await written()).toEqual([0])
    await stage.pg({ data: `begin; ${data}; commit`, strict_transaction: false })
    expect(await written()).toEqual([1])
  })

  test('notices when its transaction was ended all the same', async () => {
    const client = await stage.connect()
    const table = { schema: undefined, name: '__digdag_status', cleanupSeconds: 60 }
    const statements = [{ text: `${data}; commit`, count: 'any' as const }]
    await expect(runOnce(client, randomUUID(), table, statements)).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/^The SQL ended the transaction/),
    })
  })

  test('removes what is older than status_table_cleanup', async () => {
    const old = { identity: identity() }
    await stage.pg(data, old)
    await stage.rows("update __digdag_status set completed_at = now() - interval '2 hours'")
    await stage.pg({ data, status_table_cleanup: '3h' })
    expect(await stage.rows('select count(*)::int from __digdag_status')).toEqual([[2]])
    await stage.pg({ data, status_table_cleanup: '1h' })
    expect(await stage.rows('select count(*)::int from __digdag_status')).toEqual([[2]])
    await stage.pg(data, old)
    expect(await written()).toEqual([4])
  })

  test('has succeeded although old rows cannot be removed', async () => {
    await stage.pg(data)
    await stage.rows("update __digdag_status set completed_at = now() - interval '2 days'")
    await stage.rows(
      "create function s.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$; create trigger no before delete on __digdag_status for each row execute function s.no()",
    )
    const context = stage.contextOf(data)
    await stage.run(context)
    expect(await written()).toEqual([2])
    expect(context.output()).toContain('Old rows of __digdag_status were not removed')
  })
})

describe('a commit', () => {
  /** The connection breaks when the server has the commit, before or after it carries it out. */
  async function runBreaking(queryId: string, carriedOut: boolean): Promise<unknown> {
    const client = await stage.connect()
    const { processID } = client as pg.Client & { readonly processID: number }
    const broken = new Proxy(client, {
      get(target, key) {
        if (key !== 'query') return Reflect.get(target, key, target) as unknown
        return async (...args: Parameters<pg.Client['query']>) => {
          if (args[0] !== ('commit' as never)) return target.query(...args)
          if (carriedOut) await target.query('commit')
          await stage.rows(`select pg_terminate_backend(${processID})`)
          return target.query('commit')
        }
      },
    })
    const table = { schema: undefined, name: '__digdag_status', cleanupSeconds: 60 }
    return runOnce(broken, queryId, table, [{ text: 'insert into s.t values (1)', count: 'any' }])
  }

  for (const carriedOut of [true, false]) {
    test(`that may have been ${carriedOut ? 'done' : 'lost'} is asked for in the same try, not failed`, async () => {
      const task = { identity: identity() }
      const queryId = `${task.identity.sessionUuid}.21.0`
      await expect(runBreaking(queryId, carriedOut)).rejects.toThrow(CommitInDoubtError)
      await stage.pg('insert into s.t values (1)', task)
      expect(await written()).toEqual([1])
    })
  }

  test('that the server refuses is a failure of the task', async () => {
    await stage.rows(
      'create table s.u (n int unique deferrable initially deferred); insert into s.u values (1)',
    )
    await expect(stage.pg('insert into s.u values (1)')).rejects.toThrow(
      /^ERROR: duplicate key value violates unique constraint/,
    )
  })
})
