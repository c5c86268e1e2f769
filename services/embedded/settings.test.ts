import { expect, test } from 'vitest'
import { addressOf, openParts } from './hosts.ts'
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

test('SUIRO_HOST opens the API alone, each other part has a setting of its own', () => {
  const loopback = '127.0.0.1'
  const closed = { worker: loopback, temporal: loopback, postgres: loopback, storage: loopback }
  const { hosts } = readSettings({ SUIRO_HOST: '0.0.0.0' }, [])
  expect(hosts).toEqual({ ...closed, bigquery: loopback, api: '0.0.0.0' })
  const engine = readSettings({ SUIRO_BIGQUERY_HOST: '10.0.0.7' }, [])
  expect(engine.hosts).toEqual({ ...closed, bigquery: '10.0.0.7', api: loopback })
})

test('what others in the network can reach is reported, a line for each part', () => {
  expect(openParts(readSettings({ SUIRO_HOST: '127.0.0.9' }, []).hosts)).toEqual([])
  const env = { SUIRO_HOST: '0.0.0.0', SUIRO_POSTGRES_HOST: '::' }
  expect(openParts(readSettings(env, []).hosts)).toEqual([
    expect.stringMatching(/network: the API.*SUIRO_HOST=0\.0\.0\.0/),
    expect.stringMatching(/network: PostgreSQL.*SUIRO_POSTGRES_HOST=::/),
  ])
})

test('a part that listens on all addresses is called by loopback', () => {
  expect(addressOf('0.0.0.0', 1)).toBe('127.0.0.1:1')
  expect(addressOf('::', 1)).toBe('[::1]:1')
  expect(addressOf('fd00::1', 1)).toBe('[fd00::1]:1')
  expect(addressOf('localhost', 1)).toBe('localhost:1')
})

test('all mistakes are reported at once', () => {
  const env = {
    SUIRO_PORT: '0',
    SUIRO_STORAGE_PORT: '65433',
    SUIRO_TEMPORAL_HOST: 'http://x',
    DATABASE_URL: 'mysql://x',
    TEMPORAL_ADDRESS: 'nowhere',
    BIGQUERY_API_ENDPOINT: 'localhost',
  }
  const read = () => readSettings(env, ['--fast'])
  for (const mistake of [...Object.keys(env), '--fast', 'SUIRO_POSTGRES_PORT are both 65433']) {
    expect(read).toThrow(mistake)
  }
})
