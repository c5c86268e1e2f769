import { SecretKeyMissingError, SecretUnreadableError, type Secrets } from '#store/secrets.ts'
import type { ProjectId } from '#workflows/domain/ids.ts'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { configError, secretNotFound } from '../failure.ts'
import type { Mask } from './mask.ts'

/** The secrets this task may read. */
export interface TaskSecrets {
  get(key: string): Promise<string | undefined>
  /** Replaces `${secret:key}` in a text. */
  expand(text: string): Promise<string>
  /** Those that the task's `_secrets` names, by their keys; for code that cannot ask. */
  granted(): Promise<Readonly<Record<string, string>>>
}

export interface TaskSecretsOptions {
  readonly secrets: Pick<Secrets, 'get'>
  readonly projectId: ProjectId
  /** Key patterns the operator may read: `pg.*`, `gcp.credential`, `*`. */
  readonly allowed: readonly string[]
  /** The task's `_secrets`: which key to read instead of another. */
  readonly mounts: JsonObject
  /** Called with every value that is read. */
  readonly mask: Mask
}

const keyPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** A task's view of its project's secrets; each is read from the store at most once in a run. */
export function createTaskSecrets(options: TaskSecretsOptions): TaskSecrets {
  const { secrets, projectId, allowed, mounts, mask } = options
  const read = new Map<string, Promise<string | undefined>>()

  const get = async (key: string): Promise<string | undefined> => {
    if (!keyPattern.test(key)) throw configError(`Illegal key: '${key}'`)
    if (!allowed.some((pattern) => matches(pattern, key))) {
      throw configError(`This operator may not read the secret '${key}'`, 'SECRET')
    }
    const mounted = remount(key, mounts)
    const reading = read.get(mounted) ?? secrets.get(projectId, mounted).catch(withoutKey)
    read.set(mounted, reading)
    const value = await reading
    if (value !== undefined) mask.add(value)
    return value
  }

  return {
    get,
    async granted() {
      const named = await Promise.all(
        grantedKeys(mounts).map(async (key) => {
          const value = await get(key)
          // A grant of `pg` may also mean what is below it, `pg.password`.
          return value === undefined ? [] : [[key, value] as const]
        }),
      )
      return Object.fromEntries(named.flat())
    },
    async expand(text) {
      const pieces = text.split(parametrization)
      // Odd places hold what was between the braces.
      const expanded = await Promise.all(
        pieces.map(async (piece, index) => {
          if (index % 2 === 0) return piece
          const key = /^secret:(.*)$/.exec(piece)?.[1]?.trim()
          if (key === undefined) throw configError(`Invalid parametrization: '\${${piece}}'`)
          const value = await get(key)
          if (value === undefined) throw secretNotFound(key)
          return value
        }),
      )
      return expanded.join('')
    },
  }
}

/** Asking again does not help until somebody fixes the key, so the task says so and ends. */
function withoutKey(error: unknown): never {
  const permanent = error instanceof SecretKeyMissingError || error instanceof SecretUnreadableError
  throw permanent ? configError(error.message, 'SECRET') : error
}

/** What the template leaves for operators: a word in small letters, a colon, the rest. */
const parametrization = /\$\{([a-z]+:[^}]*)\}/

const matches = (pattern: string, key: string): boolean =>
  pattern === '*' ||
  pattern === key ||
  (pattern.endsWith('.*') && key.startsWith(pattern.slice(0, -1)))

/** The keys that `_secrets` names: `{a: true, b: {c: other}}` names `a` and `b.c`. */
const grantedKeys = (mounts: JsonObject): readonly string[] =>
  Object.entries(mounts).flatMap(([key, mount]) => {
    if (isObject(mount)) return grantedKeys(mount).map((below) => `${key}.${below}`)
    return mount === true || typeof mount === 'string' ? [key] : []
  })

/** Follows `_secrets` (docs/language.md#secrets): `{a: b}` reads `b` for `a` and `b.c` for `a.c`. */
function remount(key: string, mounts: JsonObject): string {
  const segments = key.split('.')
  let scope: JsonObject = mounts
  for (const [index, segment] of segments.entries()) {
    const mount: Json | undefined = Object.hasOwn(scope, segment) ? scope[segment] : undefined
    if (mount === undefined || mount === null || mount === true) return key
    if (typeof mount === 'string') return [mount, ...segments.slice(index + 1)].join('.')
    if (!isObject(mount)) {
      throw configError(`Illegal value in _secrets: ${JSON.stringify(mount)}`)
    }
    scope = mount
  }
  return key
}
