import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, logText, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('a log is read in the order of its chunks, and a repeated chunk changes nothing', async () => {
  const attemptId = await newAttempt(store, 'logs')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const { logs } = store
  const file = await logs.open({ attemptId, taskId: row!.id, fullName: '+daily', agent: 'w1' })
  await logs.append(file.id, 1, 'two\n')
  await logs.append(file.id, 0, 'one\0\n')
  await logs.append(file.id, 1, 'again\n')
  expect(await logText(logs, file.id)).toBe('one\u{FFFD}\ntwo\n')
  const files = await logs.files(attemptId, '+dai')
  expect(files.map(({ id, size }) => [id, size])).toEqual([[file.id, 11]])
  expect(await logs.files(attemptId, '+other')).toEqual([])
})
