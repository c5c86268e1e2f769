import { mostBytes, usualBytes } from '#archive/limits.ts'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { createEnvReader, shownAddress, type Env } from '#services/shared/settings/env.ts'
import { readSecretKey } from '#services/shared/settings/secret-key.ts'
import { readLogLevel, type LogLevel } from '#services/shared/log.ts'
import { readAnswerHeaders, type AnswerHeaders } from './answer-headers.ts'
import type { UnsupportedOperators } from '#workflows/dig/index.ts'
import { readTemporalSettings, type TemporalSettings } from '#services/shared/settings/temporal.ts'

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
  /** Where people reach the API, for links. */
  readonly url?: string
  /** For a pushed archive, and for the sum of the files inside. */
  readonly maxArchiveBytes: number
  /** What a push makes of operators of services that Suiro does not speak to. */
  readonly unsupportedOperators: UnsupportedOperators
  readonly logLevel: LogLevel
  /** Whether the TypeScript example is published as a project. */
  readonly examples: boolean
  /** The folder with the team's own operators. */
  readonly operators?: string
  readonly answerHeaders: AnswerHeaders
}

/** Reads the settings; throws a ConfigError that names all mistakes. */
export function readConfig(env: Env): ApiConfig {
  const reader = createEnvReader(env)
  const { mistakes, value, whole } = reader
  const databaseUrl = value('DATABASE_URL') ?? ''
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    mistakes.push(
      `DATABASE_URL must be the address of a PostgreSQL database, for example postgres://user:password@host:5432/suiro, but is ${databaseUrl === '' ? 'not set' : shownAddress(databaseUrl)}`,
    )
  }
  const temporalUi = reader.uri('SUIRO_TEMPORAL_UI')?.replace(/\/+$/, '')
  const url = reader.uri('SUIRO_URL')?.replace(/\/+$/, '')
  const secretKey = readSecretKey(reader)
  const operators = value('SUIRO_OPERATORS')

  const config: ApiConfig = {
    databaseUrl,
    temporal: readTemporalSettings(env, mistakes),
    host: value('SUIRO_HOST') ?? '127.0.0.1',
    port: whole('SUIRO_PORT', 65432, 65535),
    allowedHosts: readHosts(value('SUIRO_ALLOWED_HOSTS') ?? '', mistakes),
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(temporalUi === undefined ? {} : { temporalUi }),
    ...(url === undefined ? {} : { url }),
    maxArchiveBytes: whole('SUIRO_MAX_ARCHIVE_BYTES', usualBytes, mostBytes, 1024),
    answerHeaders: readAnswerHeaders(reader),
    unsupportedOperators: reader.choice(
      'SUIRO_UNSUPPORTED_OPERATORS',
      ['refuse', 'warn'],
      'refuse',
    ),
    examples: reader.flag('SUIRO_EXAMPLES', true),
    logLevel: readLogLevel(env, mistakes),
    ...(operators === undefined ? {} : { operators }),
  }
  if (mistakes.length > 0) throw new ConfigError('The API', mistakes)
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
