import { describe, expect, test } from 'vitest'
import { SecretKeyMissingError, SecretUnreadableError } from '#store/secrets.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createMask } from './mask.ts'
import { createTaskSecrets } from './task-secrets.ts'

const stored: Readonly<Record<string, string>> = {
  'pg.password': 'one',
  'staging.pg.password': 'two',
  'aws.access.key': 'three',
  token: 'four',
}

function secretsFor(allowed: readonly string[], mounts: JsonObject = {}) {
  const asked: string[] = []
  const mask = createMask()
  const secrets = createTaskSecrets({
    secrets: {
      async get(_, key) {
        asked.push(key)
        return Object.hasOwn(stored, key) ? stored[key] : undefined
      },
    },
    projectId: 1 as never,
    allowed,
    mounts,
    mask,
  })
  return { secrets, asked, mask }
}

describe('a task’s secrets', () => {
  test('are those that its operator may read', async () => {
    const { secrets } = secretsFor(['pg.*', 'token'])
    expect(await secrets.get('pg.password')).toBe('one')
    expect(await secrets.get('pg.nothing')).toBeUndefined()
    expect(await secrets.get('token')).toBe('four')
    for (const key of ['aws.access.key', 'pg', 'token.more', 'pgx.password']) {
      await expect(secrets.get(key)).rejects.toThrow(`may not read the secret '${key}'`)
    }
    expect(await secretsFor(['*']).secrets.get('aws.access.key')).toBe('three')
  })

  test('may be mounted from elsewhere', async () => {
    const mounted = secretsFor(['pg.*'], { pg: 'staging.pg' })
    expect(await mounted.secrets.get('pg.password')).toBe('two')
    const deep = secretsFor(['pg.*'], { pg: { password: 'token', user: true } })
    expect(await deep.secrets.get('pg.password')).toBe('four')
    expect(await deep.secrets.get('pg.user')).toBeUndefined()
    await expect(secretsFor(['pg.*'], { pg: 5 }).secrets.get('pg.password')).rejects.toThrow(
      'Illegal value in _secrets: 5',
    )
  })

  test('are read once, and masked from then on', async () => {
    const { secrets, asked, mask } = secretsFor(['*'])
    expect(mask.text('three')).toBe('three')
    await secrets.get('aws.access.key')
    await secrets.expand('${secret:aws.access.key} ${secret: aws.access.key }')
    expect(asked).toEqual(['aws.access.key'])
    expect(mask.text('it is three')).toBe('it is ***')
  })

  test('are put into texts; other words and keys are refused', async () => {
    const { secrets } = secretsFor(['*'])
    expect(await secrets.expand('a ${secret:token} $HOME ${HOME} b')).toBe('a four $HOME ${HOME} b')
    await expect(secrets.expand('${env:HOME}')).rejects.toThrow(
      "Invalid parametrization: '${env:HOME}'",
    )
    await expect(secrets.expand('${secret:none}')).rejects.toThrow(
      "Secret not found for key: 'none'",
    )
    await expect(secrets.get('../x')).rejects.toThrow("Illegal key: '../x'")
    await expect(secrets.get('pg.*')).rejects.toThrow("Illegal key: 'pg.*'")
  })

  test('are found by `true` and by no mount that is none of the task’s own', async () => {
    const { secrets } = secretsFor(['*'], { token: true, aws: { access: true } })
    expect(await secrets.get('token')).toBe('four')
    expect(await secrets.get('aws.access.key')).toBe('three')
    expect(await secrets.get('constructor')).toBeUndefined()
  })

  test('mounted below a mount keep the rest of their key', async () => {
    const { secrets, asked } = secretsFor(['db.*'], { db: { main: 'staging.pg' } })
    expect(await secrets.get('db.main.password')).toBe('two')
    expect(await secrets.get('db.other')).toBeUndefined()
    expect(asked).toEqual(['staging.pg.password', 'db.other'])
  })

  test.each([new SecretKeyMissingError(), new SecretUnreadableError('token', new Error('tag'))])(
    'that cannot be decrypted fail the task for good: %s',
    async (error) => {
      const secrets = createTaskSecrets({
        secrets: {
          async get() {
            throw error
          },
        },
        projectId: 1 as never,
        allowed: ['*'],
        mounts: {},
        mask: createMask(),
      })
      await expect(secrets.expand('${secret:token}')).rejects.toMatchObject({
        name: 'OperatorError',
        kind: 'config',
        message: error.message,
      })
    },
  )

  test('stay ours to retry while the store is away', async () => {
    const away = new Error('connection refused')
    const secrets = createTaskSecrets({
      secrets: {
        async get() {
          throw away
        },
      },
      projectId: 1 as never,
      allowed: ['*'],
      mounts: {},
      mask: createMask(),
    })
    await expect(secrets.get('token')).rejects.toBe(away)
  })
})

describe('the mask', () => {
  const hidden = (secret: string) => {
    const mask = createMask()
    mask.add(secret)
    return mask
  }

  test('takes a secret out however it is encoded', () => {
    const secret = 'p&s "w/rd"+ü?'
    const { text } = hidden(secret)
    const bytes = Buffer.from(secret)
    const forms = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      new URLSearchParams({ secret }).toString().slice('secret='.length),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('hex'),
    ]
    for (const form of forms) expect(text(`<${form}>`)).toMatch(/^<"?\*\*\*(=|")*>$/)
  })

  test('takes out the lines of a key, and leaves short words alone', () => {
    const { text } = hidden('-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nab\r\n')
    expect(text('at MIIEvQIBADANBg in\n-----BEGIN KEY-----\nabout')).toBe('at *** in\n***\nabout')
    expect(hidden('ab').text('about')).toBe('about')
    expect(hidden('short').text(Buffer.from('short').toString('hex'))).toBe('73686f7274')
  })

  test('takes out the longer of two secrets of which one is part of the other', () => {
    const mask = hidden('pass')
    mask.add('password')
    expect(mask.text('password pass')).toBe('*** ***')
  })

  test('finds secrets deep in what is stored', () => {
    const mask = hidden('a "b" c')
    expect(mask.finds({ x: [{ y: 'say a "b" c' }] })).toBe(true)
    expect(mask.finds({ x: 'a b c' })).toBe(false)
    expect(mask.finds(undefined)).toBe(false)
  })
})
