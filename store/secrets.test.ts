import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomBytes } from 'node:crypto'
import { createSecrets, SecretKeyMissingError, SecretUnreadableError } from './secrets.ts'
import { pushOne } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('a secret is unreadable in the table, and bound to its project and name', async () => {
  const { projectId } = await pushOne(store, 'secrets')
  const { secrets } = store
  await secrets.set(projectId, 'pg.password', 'open sesame')
  expect(await secrets.get(projectId, 'pg.password')).toBe('open sesame')
  const { rows } = await database.pool.query('select value from secrets')
  expect(rows[0].value.toString('latin1')).not.toContain('sesame')
  await database.pool.query("update secrets set key = 'other' where project_id = $1", [projectId])
  await expect(secrets.get(projectId, 'other')).rejects.toThrow(SecretUnreadableError)
})

test('another key cannot read a secret, and without a key none can be set', async () => {
  const { projectId } = await pushOne(store, 'keys')
  await store.secrets.set(projectId, 'token', 'open sesame')
  const other = createSecrets(database.pool, randomBytes(32))
  await expect(other.get(projectId, 'token')).rejects.toThrow(
    "The secret 'token' cannot be decrypted: it was set under another SUIRO_SECRET_KEY",
  )
  const keyless = createSecrets(database.pool)
  await expect(keyless.set(projectId, 'token', 'x')).rejects.toThrow(SecretKeyMissingError)
  expect(await keyless.keys(projectId)).toEqual(['token'])
  await store.secrets.set(projectId, 'token', 'changed')
  expect(await store.secrets.get(projectId, 'token')).toBe('changed')
  await store.secrets.delete(projectId, 'token')
  expect(await store.secrets.get(projectId, 'token')).toBeUndefined()
})
