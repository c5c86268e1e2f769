import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pushOne, start } from './fixtures.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import type { WorkerVersions } from './worker-versions.ts'

let database: TestDatabase
let versions: WorkerVersions

beforeAll(async () => {
  database = await createTestDatabase()
  versions = database.store.workerVersions
})
afterAll(() => database.drop())
beforeEach(() => database.pool.query('truncate worker_versions'))

/** As if a version's workers had last been seen so long ago. */
const silent = (version: string, seconds: number) =>
  database.pool.query(
    'update worker_versions set seen_at = now() - make_interval(secs => $2) where version = $1',
    [version, seconds],
  )

test('new attempts begin on the version that came last; the one before goes on with its own', async () => {
  expect(await versions.see('one')).toEqual({ current: 'one', gone: new Set() })
  const both = { current: 'two', gone: new Set() }
  expect(await versions.see('two')).toEqual(both)
  // Also when a worker of it is started again.
  expect(await versions.see('one')).toEqual(both)
})

test('a deployment that was rolled back: when the newest is silent the one before takes over', async () => {
  await versions.see('one')
  await versions.see('two')
  await silent('two', 15)
  expect((await versions.see('one')).current).toBe('two')
  await silent('two', 30)
  expect(await versions.see('one')).toEqual({ current: 'one', gone: new Set() })
  await silent('two', 70)
  expect(await versions.see('one')).toEqual({ current: 'one', gone: new Set(['two']) })
})

test('a version that nobody has run for a year and more is forgotten', async () => {
  await versions.see('one')
  await silent('one', 401 * 86_400)
  await versions.see('two')
  const { rows } = await database.pool.query('select version from worker_versions')
  expect(rows).toEqual([{ version: 'two' }])
})

test('attempts have readable names once no worker lives that would not find them by these', async () => {
  const { id } = await pushOne(database.store, 'named')
  const name = async (day: number): Promise<string> => {
    const { attempt } = await start(database.store, id, day, { temporalPrefix: 'named/daily/x' })
    return attempt.temporalId
  }
  // As the release before writes it.
  await database.pool.query("insert into worker_versions (version) values ('before')")
  expect(await name(1)).toMatch(/^attempt-[0-9]+$/)
  await versions.see('new')
  expect(await name(2)).toMatch(/^attempt-[0-9]+$/)
  await silent('before', 70)
  expect(await name(3)).toMatch(/^named\/daily\/x\/attempt-[0-9]+$/)
  await database.pool.query('delete from worker_versions')
  expect(await name(4)).toMatch(/^named\/daily\/x\/attempt-[0-9]+$/)
})
