import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readArchive } from '#archive/read.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import { createPush } from './push/push.ts'
import { registerBatches, type ListedBatch } from './register-batches.ts'

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

const definition: WorkflowDefinition = {
  name: 'report',
  timezone: 'Asia/Tokyo',
  config: {},
  root: { name: '+report', config: {}, exports: {}, upstreams: [], children: [] },
  schedule: {
    type: 'daily',
    command: '07:00:00',
    timezone: 'Asia/Tokyo',
    delaySeconds: 0,
    skipOnOvertime: false,
  },
}
const batch: ListedBatch = {
  project: 'batches',
  definition,
  workflowType: 'reportBatch',
  files: 'batches/report',
}

async function register(...batches: readonly ListedBatch[]): Promise<string | undefined> {
  const { store } = database
  const push = createPush({
    store,
    schedules: { changed: async () => {} },
    checker: { check: () => Promise.reject(new Error('a batch is compiled already')) },
    maxArchiveBytes: 1e6,
  })
  await registerBatches(batches, { store, push, root, log: pino({ level: 'silent' }) })
  return (await store.projects.findByName('batches'))?.revision
}

test('a batch is listed like a pushed workflow, with its files and its schedule', async () => {
  await register(batch)
  const project = await database.store.projects.findByName('batches')
  if (project === undefined) throw new Error('not registered')
  const [workflow] = await database.store.workflows.ofProject(project.id)
  expect(workflow).toMatchObject({ name: 'report', workflowType: 'reportBatch' })
  const kept = await database.store.projects.archive(project.id)
  const files = await readArchive(kept?.archive ?? Buffer.alloc(0), 1e6)
  expect([...files.keys()].map((name) => [name, String(files.get(name))])).toEqual([
    ['sql/load.sql', 'select 1'],
  ])
  expect(await database.store.schedules.all()).toHaveLength(1)
})

test('only a change makes a new revision, and a change taken back makes one too', async () => {
  const first = await register(batch)
  expect(await register(batch)).toBe(first)
  const changed = { ...batch, definition: { ...definition, timezone: 'UTC' } }
  const second = await register(changed)
  expect(second).not.toBe(first)
  const third = await register(batch)
  expect(third).toBe(`${first}-2`)
  expect(await register(batch)).toBe(third)
  await writeFile(join(root, 'batches/report/sql/load.sql'), 'select 2')
  expect(await register(batch)).not.toBe(third)
})
