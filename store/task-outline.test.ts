import type pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { newAttempt, task } from './fixtures.ts'
import type { OutlinedTask } from './task-outline.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const from = new Date('2001-01-05T00:00:00Z')
const outline = (id: AttemptId, since?: string) =>
  database.store.taskOutlines.ofAttempt(id, { from, ...(since === undefined ? {} : { since }) })
const changedOf = (tasks: readonly OutlinedTask[]) =>
  tasks.filter(({ changed }) => changed).map(({ name }) => name)

async function attemptWith(project: string, children: readonly string[]) {
  const id = await newAttempt(database.store, project)
  const root = task('+w', { children: children.map((name) => task(name)) })
  const rows = await database.store.tasks.insert(id, null, [root])
  return { id, ids: rows.map((row) => row.id) }
}

/** Other tests write on the same server: while one of theirs is under way, what was seen comes again. */
const seen = (id: AttemptId): Promise<string> =>
  vi.waitFor(async () => {
    const { cursor } = await outline(id)
    const again = await outline(id, cursor)
    expect(again).toEqual({ cursor: expect.any(String), whole: false, tasks: [] })
    return cursor
  }, 20_000)

test('what is asked since is what changed and what was added, and nothing where nothing did', async () => {
  const { id, ids } = await attemptWith('changes', ['+a', '+b'])
  const first = await outline(id)
  expect(first).toMatchObject({ whole: true })
  expect(changedOf(first.tasks)).toEqual(['+w', '+a', '+b'])

  const before = await seen(id)
  await database.store.tasks.begin(ids[2]!, { version: 1, retries: 0 })
  expect(changedOf((await outline(id, before)).tasks)).toEqual(['+b'])
  const after = await seen(id)
  await database.store.tasks.insert(id, ids[2]!, [task('+below')])
  expect(changedOf((await outline(id, after)).tasks)).toEqual(['+below'])
})

test('a cursor of nowhere, or of another server, or of long ago answers everything', async () => {
  const { id } = await attemptWith('cursors', ['+a'])
  const { cursor } = await outline(id)
  for (const since of ['9223372036854775807', String(Number(cursor) + 1_000_000)]) {
    expect(await outline(id, since)).toMatchObject({ whole: true, tasks: [{}, {}] })
  }
  expect(await outline(id, '0')).toMatchObject({ whole: false, tasks: [{}, {}] })
})

test('times count from where they are wanted; what was taken over has none', async () => {
  const { id, ids } = await attemptWith('times', ['+a', '+b'])
  await database.pool.query(
    `update tasks set started_at = '2001-01-05T00:00:01.250Z', finished_at = '2001-03-05T00:00:00Z',
      retry_at = '2001-01-04T23:59:59Z', resumed = id = $2 where id = any($1)`,
    [[ids[1], ids[2]], ids[2]],
  )
  const [, a, b] = (await outline(id)).tasks
  expect(a).toMatchObject({ began: 1250, ended: 59 * 86_400_000, retryAt: -1000 })
  expect(b).toMatchObject({ began: null, ended: null, retryAt: null, resumed: true })
})

test('no change is missed, whoever commits when, whatever the release that wrote it', async () => {
  const random = createRandom(chosenSeed())
  const names = Array.from({ length: 12 }, (_, place) => `+t${place}`)
  const { id, ids } = await attemptWith(`late ${random.seed}`, names)
  const open = new Map<TaskId, pg.PoolClient>()
  // What fails leaves nobody waiting for them.
  onTestFinished(() => open.forEach((client) => client.release(true)))
  const known = new Map<TaskId, OutlinedTask>()
  let cursor: string | undefined

  const change = async (db: Pick<pg.Pool, 'query'>, task: TaskId): Promise<void> => {
    await db.query('update tasks set version = version + 1, retries = retries + 1 where id = $1', [
      task,
    ])
  }
  const look = async (): Promise<void> => {
    const now = await outline(id, cursor)
    cursor = now.cursor
    for (const one of now.tasks) if (one.changed) known.set(one.id, one)
    const { rows } = await database.pool.query<{ id: TaskId; retries: number }>(
      'select id, retries from tasks where attempt_id = $1 order by id',
      [id],
    )
    const where = `seed ${random.seed}`
    expect([where, ...[...known.values()].map((one) => [one.id, one.retries])]).toEqual([
      where,
      ...rows.map((row) => [row.id, row.retries]),
    ])
  }
  for (let step = 0; step < 300; step += 1) {
    const chosen = random.pick(ids)
    const late = open.get(chosen)
    if (late !== undefined) {
      await late.query(random.chance(0.8) ? 'commit' : 'rollback')
      late.release()
      open.delete(chosen)
    } else if (open.size < 4 && random.chance(0.5)) {
      const client = await database.pool.connect()
      await client.query('begin')
      // A part of a transaction has a number of its own.
      if (random.chance(0.3)) await client.query('savepoint part')
      await change(client, chosen)
      open.set(chosen, client)
    } else {
      await change(database.pool, chosen)
    }
    if (random.chance(0.6)) await look()
  }
  for (const client of open.values()) {
    await client.query('commit')
    client.release()
  }
  open.clear()
  await look()
})
