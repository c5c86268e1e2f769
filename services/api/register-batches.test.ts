import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readArchive } from '#archive/read.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { createPush } from './push/push.ts'
import { createBatchRegistry, type ListedBatch } from './register-batches.ts'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createTestDatabase()
  root = await mkdtemp(join(tmpdir(), 'batches-'))
  await mkdir(join(root, 'batches/report/sql'), { recursive: true })
  await writeFile(join(root, 'batches/report/sql/load.sql'), 'select 1')
})
afterAll(async () => {
  await rm(root, { recursive: true })
  await database.drop()
})

const batch: ListedBatch = {
  project: 'batches',
  name: 'report',
  file: {
    timezone: 'Asia/Tokyo',
    schedule: { 'daily>': '07:00:00' },
    sla: { duration: '01:00:00', alert: true },
  },
  defaults: { dataset: 'd' },
  workflowType: 'reportBatch',
  files: 'batches/report',
}

const aliveSeconds = 2

/** A process of the API, as far as batches go. */
function replicaWith(batch: ListedBatch, replica = randomUUID()) {
  const { store } = database
  const push = createPush({
    store,
    schedules: { changed: async () => {} },
    catchUp: { soon: async () => {} },
    checker: { check: () => Promise.reject(new Error('a batch is compiled already')) },
    maxArchiveBytes: 1e6,
  })
  const log = pino({ level: 'silent' })
  return createBatchRegistry([batch], { store, push, root, log, replica, aliveSeconds })
}

const published = async (): Promise<string | undefined> =>
  (await database.store.projects.findByName('batches'))?.revision

async function register(batch: ListedBatch): Promise<string | undefined> {
  await (await replicaWith(batch)).look()
  return published()
}

test('a batch is listed like a pushed workflow, with its files and its schedule', async () => {
  await register(batch)
  const project = await database.store.projects.findByName('batches')
  if (project === undefined) throw new Error('not registered')
  const [workflow] = await database.store.workflows.ofProject(project.id)
  expect(workflow).toMatchObject({ name: 'report', workflowType: 'reportBatch' })
  const stored = await database.store.projects.archive(project.id)
  const files = await readArchive(stored?.archive ?? Buffer.alloc(0), 1e6)
  expect([...files.keys()].map((name) => [name, String(files.get(name))])).toEqual([
    ['sql/load.sql', 'select 1'],
  ])
  expect(workflow?.definition).toMatchObject({
    defaults: { dataset: 'd' },
    schedule: { type: 'daily', command: '07:00:00', timezone: 'Asia/Tokyo' },
    sla: { kind: 'duration', seconds: 3600, alert: true },
  })
  expect(await database.store.schedules.all()).toHaveLength(1)
})

test('mistakes in what is written of a batch are reported as those of a .dig file, all at once', async () => {
  const file = { timezone: 'Tokyo', schedule: { 'dayly>': '07:00:00' } }
  await expect(register({ ...batch, file })).rejects.toThrow(
    /batches\/report is wrong:[^]*'timezone' but got "Tokyo"[^]*dayly/,
  )
})

test('only a change makes a new revision, and a change taken back makes one too when nobody else is there', async () => {
  const first = await register(batch)
  expect(await register(batch)).toBe(first)
  const changed = { ...batch, file: { ...batch.file, timezone: 'UTC' } }
  const second = await register(changed)
  expect(second).not.toBe(first)
  await sleep(aliveSeconds * 1000 + 200)
  const third = await register(batch)
  expect(third).toBe(`${first}-2`)
  expect(await register(batch)).toBe(third)
  await writeFile(join(root, 'batches/report/sql/load.sql'), 'select 2')
  expect(await register(batch)).not.toBe(third)
})

const versions = (major: number): ListedBatch => ({
  ...batch,
  defaults: { dataset: `version_${major}` },
})

test('during a roll-out an older replica that starts again publishes nothing; after a roll-back it does', async () => {
  const old = await register(versions(1))
  const newer = await replicaWith(versions(2))
  await newer.look()
  const current = await published()
  expect(current).not.toBe(old)

  const restarted = await replicaWith(versions(1))
  for (let look = 0; look < 3; look += 1) {
    await restarted.look()
    await newer.look()
  }
  expect(await published()).toBe(current)

  // The newer replicas are taken away.
  await sleep(aliveSeconds * 1000 + 200)
  await restarted.look()
  expect(await published()).toBe(`${old}-2`)
  await restarted.look()
  expect(await published()).toBe(`${old}-2`)
})

test('replicas that start together publish one revision, also of a content that comes back', async () => {
  const revisions = async (): Promise<number> => {
    const project = await database.store.projects.findByName('batches')
    return (await database.store.projects.revisions(project!.id, {})).length
  }
  for (const major of [3, 4, 3]) {
    await sleep(aliveSeconds * 1000 + 200)
    const before = await revisions()
    const replicas = await Promise.all(
      Array.from({ length: 6 }, () => replicaWith(versions(major))),
    )
    await Promise.all(replicas.map((replica) => replica.look()))
    expect(await revisions()).toBe(before + 1)
  }
})

test('a project that somebody deleted does not come back before the next start', async () => {
  const replica = await replicaWith(versions(5))
  await replica.look()
  const project = await database.store.projects.findByName('batches')
  await database.store.projects.delete(project!.id)
  await replica.look()
  expect(await published()).toBeUndefined()
  expect(await register(versions(5))).toBeDefined()
})
