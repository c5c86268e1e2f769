import { mostBytes, usualBytes } from '#archive/limits.ts'
import { readLogLevel, type LogLevel } from '#services/shared/log.ts'
import { readTemporalSettings, type TemporalSettings } from '#services/shared/temporal.ts'

/** The API's settings; docs/settings.md describes each. */
export interface ApiConfig {
  readonly databaseUrl: string
  readonly temporal: TemporalSettings
  readonly host: string
  readonly port: number
  /** Names that requests may call it by, besides those of loopback and its own. */
  readonly allowedHosts: readonly string[]
  /** Without it secrets can be neither written nor read. */
  readonly secretKey?: Uint8Array
  /** Address of Temporal's web UI, for links. */
  readonly temporalUi?: string
  /** For a pushed archive, and for the sum of the files inside. */
  readonly maxArchiveBytes: number
  readonly logLevel: LogLevel
  /** Whether the TypeScript example is published as a project. */
  readonly examples: boolean
  /** The folder with the team's own operators. */
  readonly operators?: string
}

/** Every mistake in the environment at once, one line each. */
export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(['The API cannot start with these settings:', ...mistakes].join('\n  - '))
    this.name = 'ConfigError'
  }
}

type Env = Readonly<Record<string, string | undefined>>

/** Reads the settings; throws a ConfigError that names all mistakes. */
export function readConfig(env: Env): ApiConfig {
  const mistakes: string[] = []
  const value = (name: string): string | undefined => env[name]?.trim() || undefined
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const number = Number(value(name) ?? fallback)
    if (Number.isInteger(number) && number >= min && number <= max) return number
    mistakes.push(`${name} must be a whole number from ${min} to ${max}, but is "${value(name)}"`)
    return fallback
  }
  const databaseUrl = value('DATABASE_URL') ?? ''
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    mistakes.push(
      `DATABASE_URL must be the address of a PostgreSQL database, for example postgres://user:password@host:5432/suiro, but is ${databaseUrl === '' ? 'not set' : 'something else'}`,
    )
  }
  const temporalUi = readUrl('SUIRO_TEMPORAL_UI', value('SUIRO_TEMPORAL_UI'), mistakes)
  const secretKey = readSecretKey(value('SUIRO_SECRET_KEY'), mistakes)

  const operators = value('SUIRO_OPERATORS')

  const config: ApiConfig = {
    databaseUrl,
    temporal: readTemporalSettings(env, mistakes),
    host: value('SUIRO_HOST') ?? '127.0.0.1',
    port: whole('SUIRO_PORT', 65432, 0, 65535),
    allowedHosts: readHosts(value('SUIRO_ALLOWED_HOSTS') ?? '', mistakes),
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(temporalUi === undefined ? {} : { temporalUi }),
    maxArchiveBytes: whole('SUIRO_MAX_ARCHIVE_BYTES', usualBytes, 1024, mostBytes),
    examples: readExamples(value('SUIRO_EXAMPLES') ?? 'true', mistakes),
    logLevel: readLogLevel(env, mistakes),
    ...(operators === undefined ? {} : { operators }),
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return config
}

function readHosts(text: string, mistakes: string[]): readonly string[] {
  const names = text.split(',').flatMap((name) => name.trim().toLowerCase() || [])
  for (const name of names) {
    const written = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).host : undefined
    if (written !== name || /:\d+$/.test(name.replace(/^\[.*\]/, ''))) {
      mistakes.push(
        `SUIRO_ALLOWED_HOSTS must be host names behind commas, without scheme and port, for example suiro.example,suiro.internal, but holds "${name}"`,
      )
    }
  }
  return names
}

function readUrl(name: string, text: string | undefined, mistakes: string[]): string | undefined {
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    mistakes.push(`${name} must be an http or https address, but is "${text}"`)
  }
  return text.replace(/\/+$/, '')
}

function readExamples(text: string, mistakes: string[]): boolean {
  if (text !== 'true' && text !== 'false') {
    mistakes.push(`SUIRO_EXAMPLES must be true or false, but is "${text}"`)
  }
  return text !== 'false'
}

function readSecretKey(text: string | undefined, mistakes: string[]): Uint8Array | undefined {
  if (text === undefined) return undefined
  const key = Buffer.from(text, 'base64')
  if (key.length === 32) return key
  mistakes.push(
    `SUIRO_SECRET_KEY must be 32 bytes in base64 (make one with: openssl rand -base64 32), but has ${key.length} bytes`,
  )
  return undefined
}
