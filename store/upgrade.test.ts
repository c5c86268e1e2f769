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

test('what the version before wrote is read by this one, open attempts and schedules included', async () => {
  const name = `${new URL(server.url).pathname.slice(1)}_old`
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
    }).migrate('006')
    await client.query(before)
    await migrate(url.href)

    const store = createStore(pool)
    const attempt = (id: number) => store.attempts.find(id as AttemptId)
    expect(await store.projects.findByName('old')).toMatchObject({ revision: 'r1' })
    expect(await attempt(1)).toMatchObject({ success: true, stalled: null })
    expect(await attempt(2)).toMatchObject({ cancelRequested: true, stalled: null })
    expect((await store.attempts.unstarted(-1)).map(({ id }) => id)).toEqual([3])
    // The one that is to be killed comes first.
    const open = await store.attempts.open({ after: 0 as AttemptId, count: 10 })
    expect(open.map(({ id }) => id)).toEqual([2])
    // Nobody knows what Temporal was told of it: so it is told.
    expect(await store.schedules.notInLine()).toEqual({ changed: [1], removed: [] })

    await store.attempts.abandon(2 as AttemptId, { killed: true, why: 'the version before ran it' })
    expect(await store.tasks.ofAttempt(2 as AttemptId)).toMatchObject([
      { state: 'canceled', error: { message: 'the version before ran it' } },
      { state: 'canceled' },
    ])
  } finally {
    await client.end()
    await pool.end()
    await server.pool.query(`drop database ${name} with (force)`)
  }
})
