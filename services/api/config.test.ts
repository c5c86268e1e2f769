import { expect, test } from 'vitest'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { readConfig } from './config.ts'

const DATABASE_URL = 'postgres://suiro@127.0.0.1:5432/suiro'

test('only the database address is needed; all else has a default', () => {
  expect(readConfig({ DATABASE_URL })).toEqual({
    databaseUrl: DATABASE_URL,
    temporal: expect.objectContaining({ address: '127.0.0.1:7233', namespace: 'default' }),
    host: '127.0.0.1',
    port: 65432,
    allowedHosts: [],
    maxArchiveBytes: 32 * 1024 * 1024,
    unsupportedOperators: 'refuse',
    logLevel: 'info',
    answerHeaders: {},
    examples: true,
  })
})

test('all settings are read', () => {
  const config = readConfig({
    DATABASE_URL,
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_NAMESPACE: 'batches',
    SUIRO_HOST: '0.0.0.0',
    SUIRO_PORT: '8080',
    SUIRO_ALLOWED_HOSTS: 'Suiro.example, [fd00::1]',
    SUIRO_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    SUIRO_TEMPORAL_UI: 'http://127.0.0.1:8233/',
    SUIRO_MAX_ARCHIVE_BYTES: '2097152',
    SUIRO_UNSUPPORTED_OPERATORS: 'warn',
    SUIRO_LOG_LEVEL: 'debug',
  })
  expect(config.temporal).toMatchObject({ address: 'temporal.example:7233', namespace: 'batches' })
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    allowedHosts: ['suiro.example', '[fd00::1]'],
    maxArchiveBytes: 2_097_152,
    unsupportedOperators: 'warn',
  })
  expect(config).toMatchObject({ temporalUi: 'http://127.0.0.1:8233', logLevel: 'debug' })
  expect(config.secretKey).toHaveLength(32)
})

test('the example is left out where that is asked for', () => {
  expect(readConfig({ DATABASE_URL, SUIRO_EXAMPLES: 'false' }).examples).toBe(false)
  expect(() => readConfig({ DATABASE_URL, SUIRO_EXAMPLES: 'no' })).toThrow(
    'SUIRO_EXAMPLES must be true or false, but is "no"',
  )
})

test('all mistakes are reported at once', () => {
  const read = () =>
    readConfig({
      DATABASE_URL: 'mysql://x',
      TEMPORAL_ADDRESS: 'nowhere',
      SUIRO_PORT: 'many',
      SUIRO_ALLOWED_HOSTS: 'suiro.example:80',
      SUIRO_SECRET_KEY: 'c2hvcnQ=',
      SUIRO_TEMPORAL_UI: 'over there',
      SUIRO_MAX_ARCHIVE_BYTES: '1.5',
      SUIRO_UNSUPPORTED_OPERATORS: 'ignore',
      SUIRO_LOG_LEVEL: 'loud',
      SUIRO_ANSWER_HEADERS: 'x: y',
    })
  expect(read).toThrow(ConfigError)
  for (const name of [
    'DATABASE_URL',
    'TEMPORAL_ADDRESS',
    'SUIRO_PORT',
    'SUIRO_ALLOWED_HOSTS',
    'SUIRO_SECRET_KEY',
    'SUIRO_TEMPORAL_UI',
    'SUIRO_MAX_ARCHIVE_BYTES',
    'SUIRO_UNSUPPORTED_OPERATORS must be refuse or warn, but is "ignore"',
    'SUIRO_LOG_LEVEL',
    'SUIRO_ANSWER_HEADERS',
  ]) {
    expect(read).toThrow(name)
  }
})

test('the password in a database address is never repeated in a mistake', () => {
  const read = (): unknown => readConfig({ DATABASE_URL: 'mysql://me:hunter2@db/x' })
  expect(read).toThrow('DATABASE_URL must be the address of a PostgreSQL database')
  expect(read).toThrow(/^(?!.*hunter2)/s)
})
