import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createMask } from './mask.ts'
import { createTaskSecrets } from './task-secrets.ts'

const kept: Readonly<Record<string, string>> = {
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
        return kept[key]
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
})
