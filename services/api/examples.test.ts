import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from './testing/api.ts'

interface Body {
  readonly content: Readonly<Record<string, { readonly example?: unknown }>>
}
interface Operation {
  readonly summary?: string
  readonly requestBody?: Body
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

let api: TestApi

/** What `npm start` has after its first run. */
beforeAll(async () => {
  api = await createTestApi()
  for (const project of ['hello', 'reservations'])
    await api.push(project, 'r1', await filesOf(project))
})
afterAll(() => api.close())

async function filesOf(project: string): Promise<Readonly<Record<string, string>>> {
  const folder = join(examples, project)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const
      }),
    ),
  )
}

test('every body that /docs offers works as it is', async () => {
  const { paths } = (await api.ask<Document>('GET', '/api/openapi.json')).body
  const asked: string[] = []
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      const json = requestBody?.content['application/json']
      if (json === undefined) continue
      const name = `${method.toUpperCase()} ${path}`
      expect([name, json.example]).not.toEqual([name, undefined])
      const url = path.replace('{id}', '1').replace('{key}', 'pg.password')
      const send = () =>
        api.ask(method.toUpperCase() as 'PUT', url, { payload: json.example as object })
      const { status, body } = await send()
      expect([name, status, body.message]).toEqual([name, 200, undefined])
      asked.push(name)
    }
  }
  expect(asked.sort()).toEqual([
    'POST /api/schedules/{id}/backfill',
    'POST /api/schedules/{id}/enable',
    'POST /api/schedules/{id}/skip',
    'PUT /api/attempts',
    'PUT /api/projects/{id}/secrets/{key}',
  ])
})
