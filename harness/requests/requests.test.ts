import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from '#services/api/testing/api.ts'
import { createRandom } from '../random.ts'
import { operationsOf, randomRequest } from './requests.ts'

let api: TestApi

beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', {
    'a.dig': 'timezone: Asia/Tokyo\nschedule:\n  monthly>: 1,07:00:00\n+a:\n  echo>: hi\n',
  })
})
afterAll(() => api.close())

test('no random request is answered 500, or in a way that OpenAPI does not document', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))
  console.log(`Seed of the random requests: ${seed} (FUZZ_SEED=${seed} makes them again)`)
  const random = createRandom(seed)
  const document = await api.ask<Parameters<typeof operationsOf>[0]>('GET', '/api/openapi.json')
  const operations = operationsOf(document.body)
  const findings: string[] = []
  const seen: number[] = []
  for (let n = 0; n < 600; n += 1) {
    const operation = random.pick(operations)
    const { method, url, headers, payload } = randomRequest(random, operation)
    const answer = await api.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const { statusCode: status, body } = answer
    seen.push(status)
    // An empty name, or dots, make another path.
    const elsewhere = [404, 405].includes(status) && /UNKNOWN_PATH|METHOD_NOT/.test(body)
    const shaped =
      status < 400 || status === 409 || /^\{"message":".*","status":\d+,"code":"\w+"/.test(body)
    if (status >= 500 || !shaped || !(elsewhere || operation.statuses.includes(String(status)))) {
      findings.push(
        `${status} ${method} ${url} ${payload?.slice(0, 200) ?? ''}: ${body.slice(0, 200)}`,
      )
    }
  }
  expect(findings).toEqual([])
  // Else the requests would be of one kind.
  expect(seen).toEqual(expect.arrayContaining([200, 400, 404]))
}, 60_000)
