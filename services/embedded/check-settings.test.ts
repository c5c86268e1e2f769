import { readdir } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { checkSettings } from './check-settings.ts'
import { npmStart } from './testing/npm-start.ts'

/** Of the launcher, the API and the worker, with what is said of each. */
const wrong = {
  SUIRO_PORT: ['abc', 'must be a port from 1 to 65535, but is "abc"'],
  SUIRO_API_PORT: ['1', 'is no setting. Did you mean SUIRO_PORT?'],
  SUIRO_ALLOWED_HOSTS: ['http://x', 'must be host names behind commas'],
  SUIRO_UNSUPPORTED_OPERATORS: ['perhaps', 'must be refuse or warn, but is "perhaps"'],
  SUIRO_MAIL_CONNECT_TIMEOUT: ['soon', 'must be a duration such as 30s or 1m 30s, but is "soon"'],
  SUIRO_CONTAINERS: ['podman', 'must be one of none, docker, ignore, but is "podman"'],
  SUIRO_SECRET_KEY: ['b3BlbiBzZXNhbWU=', 'must be 32 bytes in base64'],
  SUIRO_TEMPORAL_UI: [
    'ftp://me:sesame@x',
    'must be an address that begins with http:// or https://',
  ],
  TEMPORAL_API_KEY_FILE: ['/nowhere', 'names /nowhere, which cannot be read (ENOENT)'],
} as const

test('all mistakes of all processes are said before anything is started', async () => {
  const start = await npmStart(
    Object.fromEntries(Object.entries(wrong).map(([name, [value]]) => [name, value])),
  )
  onTestFinished(start.clear)
  expect(await start.ended).toBe(1)
  for (const [name, [, said]] of Object.entries(wrong)) {
    expect(start.said().match(new RegExp(`- ${name} `, 'g'))).toHaveLength(1)
    expect(start.said()).toContain(`- ${name} ${said}`)
  }
  expect(start.said()).not.toMatch(/sesame|b3Blb/)
  expect(await readdir(start.home)).toEqual([])
})

test('what is right is answered, with what is ignored', async () => {
  const { settings, notes } = await checkSettings({ SUIRO_PORT: '1234', SUIRO_FOR_OTHERS: 'x' }, [])
  expect(settings.ports.api).toBe(1234)
  expect(notes).toEqual(['SUIRO_FOR_OTHERS is no setting of Suiro, and is ignored.'])
})

test('a parameter that an example of docs/settings.md sets is no mistake', async () => {
  const env = {
    SUIRO_ALLOWED_HOSTS: 'suiro.example,suiro.internal',
    SUIRO_ANSWER_HEADERS: '{"access-control-allow-origin": "https://data.example"}',
    DATABASE_URL: 'postgres://suiro:x@db:5432/suiro',
    TEMPORAL_ADDRESS: 'temporal:7233',
    SUIRO_TASK_QUEUES: 'control,bigquery',
  }
  await expect(checkSettings(env, ['--no-examples'])).resolves.toMatchObject({ notes: [] })
})
