import { gunzipSync } from 'node:zlib'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logBeginning } from '#store/logs.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { LogFile } from '../schemas/log.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

type Files = { files: readonly Static<typeof LogFile>[] }

let api: TestApi
let attemptId: AttemptId

beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', { 'daily.dig': '+load:\n  echo>: hi\n' })
  const { body } = await api.ask<Static<typeof Attempt>>('PUT', '/api/attempts', {
    payload: { workflowId: 1, sessionTime: '2026-01-05' },
  })
  attemptId = Number(body.id) as AttemptId
})
afterAll(() => api.close())

test('a log can be read while its task runs, and only grows', async () => {
  const leaf = { exports: {}, config: {}, upstreams: [], children: [] }
  const [root, task] = await api.store.tasks.insert(attemptId, null, [
    { ...leaf, name: '+daily', children: [{ ...leaf, name: '+load', operator: 'echo' }] },
  ])
  if (root === undefined || task === undefined) throw new Error('no tasks')
  const file = await api.store.logs.open({
    attemptId,
    taskId: task.id,
    fullName: '+daily+load',
    agent: '12@worker-1',
  })
  const next = await api.store.logs.append(file.id, logBeginning, 'first line\n')

  const list = `/api/logs/${attemptId}/files`
  const [before] = (await api.ask<Files>('GET', list)).body.files
  expect(before).toMatchObject({ taskName: '+daily+load', agentId: '12@worker-1', direct: null })
  const read = async () => {
    const name = encodeURIComponent(before?.fileName ?? '')
    const { headers, raw } = await api.ask('GET', `${list}/${name}`)
    expect(headers['content-type']).toBe('application/gzip')
    return gunzipSync(raw).toString()
  }
  expect(await read()).toBe('first line\n')

  await api.store.logs.append(file.id, next, 'second line\n')
  const [after] = (await api.ask<Files>('GET', list)).body.files
  expect(after?.fileName).toBe(before?.fileName)
  expect(after?.fileSize).toBeGreaterThan(before?.fileSize ?? 0)
  expect(await read()).toBe('first line\nsecond line\n')
})

test.each([
  ['%2Bdaily%2Bload', 1],
  ['+daily+l', 1],
  ['%2Bother', 0],
])('?task=%s finds %i file', async (task, count) => {
  const { body } = await api.ask<Files>('GET', `/api/logs/${attemptId}/files?task=${task}`)
  expect(body.files).toHaveLength(count)
})

test('a file that is not there is named', async () => {
  const { body } = await api.ask('GET', `/api/logs/${attemptId}/files/nope.log.gz`)
  expect(body).toMatchObject({ status: 404 })
  expect(body.message).toContain('nope.log.gz')
})
