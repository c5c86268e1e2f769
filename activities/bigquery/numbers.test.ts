import type { BigQuery } from '@google-cloud/bigquery'
import { expect, test } from 'vitest'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createConfig } from '../task/config.ts'
import { createBigQueryApi } from './api.ts'
import { queryJob } from './job-config.ts'

const params = (text: string): JsonObject => parseJson(text) as JsonObject

test('floats that are whole are what BigQuery calls an integer', () => {
  const given = '{"maximum_bytes_billed": 1e9, "maximum_billing_tier": 2.0, "location": "EU"}'
  expect(queryJob(createConfig(params(given), new Set()), 'p', 'select 1')).toMatchObject({
    query: { maximumBytesBilled: '1000000000', maximumBillingTier: 2 },
  })
  const large = params('{"maximum_bytes_billed": 9007199254740993}')
  expect(queryJob(createConfig(large, new Set()), 'p', 'select 1')).toMatchObject({
    query: { maximumBytesBilled: '9007199254740993' },
  })
})

test('a call sends numbers that its client can copy', async () => {
  const sent: unknown[] = []
  const client = {
    request: (options: { json: object }, done: (error: null, answer: object) => void) => {
      sent.push(structuredClone(options.json))
      done(null, {})
    },
  } as unknown as BigQuery
  const body = params('{"rangePartitioning": {"end": 100.0}, "id": 9007199254740993}')
  await createBigQueryApi(client)({ method: 'POST', path: '/jobs', projectId: 'p', body })
  expect(sent).toEqual([{ rangePartitioning: { end: 100 }, id: '9007199254740993' }])
})
