import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import type { ProjectId } from '#workflows/domain/ids.ts'

export interface Secrets {
  /** Throws when no secret key is configured. */
  set(projectId: ProjectId, key: string, value: string): Promise<void>
  get(projectId: ProjectId, key: string): Promise<string | undefined>
  keys(projectId: ProjectId): Promise<readonly string[]>
  delete(projectId: ProjectId, key: string): Promise<void>
}

/** Secrets were asked for, but the process has no key to encrypt them with. */
export class SecretKeyMissingError extends Error {
  constructor() {
    super(
      'Secrets need SUIRO_SECRET_KEY: 32 bytes in base64 (make one with: openssl rand -base64 32)',
    )
    this.name = 'SecretKeyMissingError'
  }
}

/** A stored secret cannot be read back; the message says nothing of its value. */
export class SecretUnreadableError extends Error {
  constructor(key: string, cause: unknown) {
    super(
      `The secret '${key}' cannot be decrypted: it was set under another SUIRO_SECRET_KEY, or its row was changed. Use that key again, or set the secret anew`,
      { cause },
    )
    this.name = 'SecretUnreadableError'
  }
}

const nonceBytes = 12
const tagBytes = 16

export function createSecrets(db: Queryable, secretKey?: Uint8Array): Secrets {
  const key = (): Uint8Array => {
    if (secretKey === undefined) throw new SecretKeyMissingError()
    return secretKey
  }
  // The name is authenticated with the value, so that a row cannot be passed off as another.
  const context = (projectId: ProjectId, name: string): Buffer =>
    Buffer.from(`${projectId}:${name}`)

  return {
    async set(projectId, name, value) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key(), nonce).setAAD(context(projectId, name))
      const encrypted = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      await db.query(
        `insert into secrets (project_id, key, value) values ($1, $2, $3)
        on conflict (project_id, key) do update set value = excluded.value, updated_at = now()`,
        [projectId, name, Buffer.concat([nonce, cipher.getAuthTag(), encrypted])],
      )
    },
    async get(projectId, name) {
      const row = await rowOf<{ value: Buffer }>(
        db,
        'select value from secrets where project_id = $1 and key = $2',
        [projectId, name],
      )
      if (row === undefined) return undefined
      const nonce = row.value.subarray(0, nonceBytes)
      const tag = row.value.subarray(nonceBytes, nonceBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', key(), nonce)
        .setAAD(context(projectId, name))
        .setAuthTag(tag)
      const text = decipher.update(row.value.subarray(nonceBytes + tagBytes))
      try {
        return Buffer.concat([text, decipher.final()]).toString()
      } catch (error) {
        throw new SecretUnreadableError(name, error)
      }
    },
    async keys(projectId) {
      const rows = await rowsOf<{ key: string }>(
        db,
        'select key from secrets where project_id = $1 order by key collate "C"',
        [projectId],
      )
      return rows.map((row) => row.key)
    },
    async delete(projectId, name) {
      await db.query('delete from secrets where project_id = $1 and key = $2', [projectId, name])
    },
  }
}
