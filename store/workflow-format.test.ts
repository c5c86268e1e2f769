import { afterAll, beforeAll, expect, test } from 'vitest'
import { pushOne } from './fixtures.ts'
import { isStoreOutage } from './outage.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import { definitionFormat } from './workflow-format.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('a definition of a newer version is no mistake of the workflow, and is left to a process that knows it', async () => {
  const { store, pool } = database
  const { id, projectId, name } = await pushOne(store, 'formats')
  expect((await store.workflows.find(id))?.format).toBe(definitionFormat)

  await pool.query('update workflows set format = $2 where id = $1', [id, definitionFormat + 1])
  for (const find of [
    () => store.workflows.find(id),
    () => store.workflows.findByName(projectId, name),
  ]) {
    const error = await find().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(String(error)).toContain(
      `Workflow '${name}' was stored in format ${definitionFormat + 1} by a newer version of Suiro`,
    )
    expect(isStoreOutage(error)).toBe(true)
  }
  // It is listed nevertheless.
  expect(await store.workflows.ofProject(projectId)).toHaveLength(1)
})
