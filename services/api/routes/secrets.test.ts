import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProjectId } from '#workflows/domain/ids.ts'
import type { Project } from '../schemas/project.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
let id: string

beforeAll(async () => {
  api = await createTestApi()
  const pushed = await api.push<Static<typeof Project>>('shop', 'r1', {
    'w.dig': '+a:\n  echo>: x\n',
  })
  id = pushed.body.id
})
afterAll(() => api.close())

test('a secret is stored, listed by its key and deleted, and never answered', async () => {
  const path = `/api/projects/${id}/secrets/pg.password`
  const set = await api.ask('PUT', path, { payload: { value: 'hunter2' } })
  expect(set.body).toEqual({ key: 'pg.password', project: { id, name: 'shop' } })
  expect(await api.store.secrets.get(Number(id) as ProjectId, 'pg.password')).toBe('hunter2')
  const list = await api.ask('GET', `/api/projects/${id}/secrets/`)
  expect(list.body).toEqual({ secrets: [{ key: 'pg.password' }] })
  expect((await api.ask('DELETE', path)).status).toBe(200)
  expect((await api.ask('DELETE', path)).status).toBe(200)
  expect((await api.ask('GET', `/api/projects/${id}/secrets`)).body).toEqual({ secrets: [] })
})

test.each(['a b', 'a..b', '.a', 'ä'])('the key "%s" is refused', async (key) => {
  const url = `/api/projects/${id}/secrets/${encodeURIComponent(key)}`
  const { body } = await api.ask('PUT', url, { payload: { value: '1' } })
  expect(body).toMatchObject({ status: 400, code: 'SECRET_INVALID' })
})

test('a refused value is not repeated', async () => {
  const url = `/api/projects/${id}/secrets/a`
  const { body } = await api.ask('PUT', url, { payload: { value: { inner: 'hunter2' } } })
  expect(body.status).toBe(400)
  expect(body.message).not.toContain('hunter2')
})

test('a value of 16 KiB is stored, a larger one refused', async () => {
  const url = `/api/projects/${id}/secrets/big`
  const value = 'ä'.repeat(8 * 1024)
  expect((await api.ask('PUT', url, { payload: { value } })).status).toBe(200)
  expect(await api.store.secrets.get(Number(id) as ProjectId, 'big')).toBe(value)
  const { body } = await api.ask('PUT', url, { payload: { value: `${value}x` } })
  expect(body).toMatchObject({ status: 400, code: 'SECRET_TOO_LARGE' })
  expect(body.message).toContain("The secret 'big' has 16385 bytes, but may have 16384.")
})
