import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

test('without any setting everything runs here, on its own ports', () => {
  const settings = readSettings({}, [])
  expect(settings.ports).toMatchObject({ api: 65432, temporal: 7233, temporalUi: 8233 })
  expect(settings.external).toEqual({ realGoogle: false })
  expect(settings.examples).toBe(true)
})

test('a part with an address in the environment is not started', () => {
  const { external } = readSettings(
    { DATABASE_URL: 'postgres://db/suiro', TEMPORAL_ADDRESS: 'temporal:7233' },
    ['--no-examples'],
  )
  expect(external).toMatchObject({
    databaseUrl: 'postgres://db/suiro',
    temporalAddress: 'temporal:7233',
  })
})

test('a Google project alone means the real service, with an endpoint it is the name used there', () => {
  const project = { GOOGLE_CLOUD_PROJECT: 'shop' }
  expect(readSettings(project, []).external.realGoogle).toBe(true)
  const engine = { ...project, BIGQUERY_API_ENDPOINT: 'http://127.0.0.1:9050' }
  expect(readSettings(engine, []).external.realGoogle).toBe(false)
})

test('all mistakes are told at once', () => {
  const env = {
    SUIRO_PORT: '0',
    SUIRO_STORAGE_PORT: '65433',
    DATABASE_URL: 'mysql://x',
    TEMPORAL_ADDRESS: 'nowhere',
    BIGQUERY_API_ENDPOINT: 'localhost',
  }
  const read = () => readSettings(env, ['--fast'])
  for (const mistake of [...Object.keys(env), '--fast', 'SUIRO_POSTGRES_PORT are both 65433']) {
    expect(read).toThrow(mistake)
  }
})
