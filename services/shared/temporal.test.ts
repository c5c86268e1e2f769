import { expect, test } from 'vitest'
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js'
import { parseJson } from '#workflows/domain/json-text.ts'
import { dataConverter } from './temporal.ts'
import { readTemporalSettings } from './settings/temporal.ts'

function read(env: Readonly<Record<string, string>>) {
  const mistakes: string[] = []
  return { settings: readTemporalSettings(env, mistakes), mistakes }
}

test('without settings it is the server beside us, in plain', () => {
  expect(read({})).toEqual({
    settings: {
      address: '127.0.0.1:7233',
      namespace: 'default',
      connection: expect.objectContaining({ address: '127.0.0.1:7233', tls: undefined }),
    },
    mistakes: [],
  })
})

test('an API key is sent through TLS only', () => {
  const { connection } = read({ TEMPORAL_API_KEY: 'key-98765' }).settings
  expect(connection).toMatchObject({ apiKey: 'key-98765', tls: true })
})

test('all mistakes are reported, and no secret with them', () => {
  const { mistakes } = read({
    TEMPORAL_ADDRESS: 'https://temporal',
    TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/such.crt',
    TEMPORAL_API_KEY: 'key-98765',
  })
  expect(mistakes).toEqual([
    'TEMPORAL_ADDRESS must be host:port, for example 127.0.0.1:7233, but is "https://temporal"',
    'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together: set both, or none',
    'TEMPORAL_TLS_CLIENT_CERT_PATH names /no/such.crt, which cannot be read (ENOENT)',
  ])
  expect(mistakes.join()).not.toContain('98765')
})

test('other variables of Temporal’s tools, and the file in the home of who started it, change nothing', () => {
  const env = { TEMPORAL_CONFIG_FILE: '/no/such.toml', TEMPORAL_PROFILE: 'other', TEMPORAL_UI: 'x' }
  expect(read(env).mistakes).toEqual([])
})

test('payloads keep numbers as they are, and everything else as Temporal writes it', () => {
  const { payloadConverter } = loadDataConverter(dataConverter)
  const text = '{"whole":25000.0,"big":[9007199254740993],"n":5,"half":1.5}'
  const payload = payloadConverter.toPayload(parseJson(text))
  expect(Buffer.from(payload?.data ?? []).toString()).toBe(text)
  expect(JSON.stringify(payloadConverter.fromPayload(payload))).toBe(text)
  for (const value of [undefined, null, 'text', 7, [true], { a: [1.5, null] }]) {
    expect(payloadConverter.fromPayload(payloadConverter.toPayload(value))).toEqual(value)
  }
  const bytes = payloadConverter.fromPayload(payloadConverter.toPayload(Buffer.from('ab')))
  expect(bytes).toEqual(new Uint8Array([97, 98]))
})
