import { fileURLToPath } from 'node:url'
import pg from 'pg'
import Postgrator from 'postgrator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { createPool, migrate } from './database.ts'
import { createStore } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.drop())

/** As the code wrote it that knew the schema up to migration 6. */
const before = `
  insert into projects (name) values ('old');
  insert into revisions (project_id, name, archive, archive_md5) values (1, 'r1', '\\x00', 'md5');
  insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
    values (1, 1, 'main', 'UTC', 'runAttempt', '{"+a": {"echo>": "hi"}}',
      '{"schedule": {"type": "daily", "command": "07:00:00", "timezone": "UTC", "delaySeconds": 0}}');
  insert into schedules (project_id, workflow_name, workflow_id, definition, next_run_time, next_session_time)
    values (1, 'main', 1,
      '{"type": "daily", "command": "07:00:00", "timezone": "UTC", "delaySeconds": 0, "skipOnOvertime": false}',
      '2001-01-06T07:00:00Z', '2001-01-06T00:00:00Z');
  insert into sessions (project_id, workflow_name, session_time)
    values (1, 'main', '2001-01-05'), (1, 'main', '2001-01-06'), (1, 'main', '2001-01-07');
  insert into attempts (session_id, project_id, workflow_id, index, started_at, finished_at, success, cancel_requested)
    values (1, 1, 1, 1, now(), now(), true, false),
      (2, 1, 1, 1, now(), null, null, true),
      (3, 1, 1, 1, null, null, null, false);
  insert into tasks (attempt_id, parent_id, full_name, name, operator, state)
    values (1, null, '+main', '+main', null, 'success'), (1, 1, '+main+a', '+a', 'echo', 'success'),
      (2, null, '+main', '+main', null, 'planned'), (2, 3, '+main+a', '+a', 'echo', 'running');
`

/** Runs on a database that has the migrations up to `version`, with rows as the code of then wrote them. */
async function upgraded(
  version: string,
  rows: string,
  look: (pool: pg.Pool) => Promise<void>,
): Promise<void> {
  const name = `${new URL(server.url).pathname.slice(1)}_${version}`
  await server.pool.query(`create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  const pool = createPool(url.href)
  try {
    const migrations = fileURLToPath(new URL('./migrations/', import.meta.url))
    await new Postgrator({
      migrationPattern: `${migrations}*.sql`,
      driver: 'pg',
      schemaTable: 'schema_version',
      execQuery: (query) => client.query(query),
    }).migrate(version)
    await client.query(rows)
    await migrate(url.href)
    await look(pool)
  } finally {
    await client.end()
    await pool.end()
    await server.pool.query(`drop database ${name} with (force)`)
  }
}

test('what the version before wrote is read by this one, open attempts and schedules included', () =>
  upgraded('006', before, async (pool) => {
    const store = createStore(pool)
    const attempt = (id: number) => store.attempts.find(id as AttemptId)
    expect(await store.projects.findByName('old')).toMatchObject({ revision: 'r1' })
    expect(await attempt(1)).toMatchObject({ success: true, stalled: null })
    expect(await attempt(2)).toMatchObject({ cancelRequested: true, stalled: null })
    expect((await store.attempts.unstarted(-1)).map(({ id }) => id)).toEqual([3])
    // The one that is to be killed comes first.
    const open = await store.attempts.open({ after: 0 as AttemptId, count: 10 })
    expect(open.map(({ id }) => id)).toEqual([2])
    // Nobody knows what was sent to Temporal: so it is sent.
    expect(await store.schedules.notInLine()).toEqual({ changed: [1], removed: [] })

    await store.attempts.abandon(2 as AttemptId, { killed: true, why: 'the version before ran it' })
    expect(await store.tasks.ofAttempt(2 as AttemptId)).toMatchObject([
      { state: 'canceled', error: { message: 'the version before ran it' } },
      { state: 'canceled' },
    ])
  }))

/** Jobs as the code wrote them that knew the schema up to migration 11. */
const jobsBefore = `${before}
  insert into tasks (attempt_id, parent_id, full_name, name, operator, state, bigquery_job, bytes_billed, slot_ms,
      cache_hit, started_at, finished_at)
    values (1, 1, '+main+b', '+b', 'bq', 'success', 'p:US.retried_1', 9007199254740993, 20, false, now(), now()),
      (1, 1, '+main+c', '+c', 'bq', 'success', 'example.com:p:asia-northeast1.older', 5, null, true, now(), now()),
      (2, 3, '+main+d', '+d', 'bq', 'running', null, null, null, null, now(), null);
  insert into jobs (attempt_id, task_id, retries, project, location, job, ended_at)
    values (1, 5, 0, 'p', 'US', 'retried_0', now()), (1, 5, 1, 'p', null, 'retried_1', now()),
      (2, 7, 0, 'p', 'US', 'open', null);
`

test('jobs of before are usages, with the figures that their tasks had', () =>
  upgraded('011', jobsBefore, async (pool) => {
    const { usages } = createStore(pool)
    const one = { kind: 'bigquery', polls: 0, replacement: 0, bytesProcessed: null }
    expect(await usages.ofAttempt(1 as AttemptId)).toMatchObject([
      { ...one, taskId: 5, retries: 0, job: 'retried_0', state: 'unknown', bytesBilled: null },
      {
        ...one,
        taskId: 5,
        retries: 1,
        job: 'retried_1',
        state: 'succeeded',
        bytesBilled: 9_007_199_254_740_993n,
        slotMs: 20n,
        cacheHit: false,
      },
      // Begun before there was a table of jobs.
      {
        ...one,
        taskId: 6,
        project: 'example.com:p',
        location: 'asia-northeast1',
        job: 'older',
        state: 'succeeded',
        bytesBilled: 5n,
        slotMs: null,
        cacheHit: true,
        endedAt: expect.any(Date),
      },
    ])
    expect(await usages.ofAttempt(2 as AttemptId)).toMatchObject([
      { ...one, job: 'open', state: 'running', endedAt: null },
    ])
    expect((await usages.claimLeft(10)).map(({ job }) => job)).toEqual(['open'])
  }))
