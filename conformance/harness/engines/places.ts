import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the engines are that a Suiro works on, so that a case can be given what it needs there. */
export interface EnginePlaces {
  readonly storage: string
  readonly bucket: string
  readonly bigquery: string
  readonly project: string
  /** Absent where there is no password of the embedded server. */
  readonly database?: string
}

type Env = Readonly<Record<string, string | undefined>>

/** What is set, or the engines of `npm start` with the same settings. */
export function readEnginePlaces(env: Env): EnginePlaces {
  const { SUIRO_STORAGE_PORT = '65436', SUIRO_BIGQUERY_PORT = '65434' } = env
  const database = env['DATABASE_URL'] ?? embeddedDatabase(env)
  return {
    storage: env['STORAGE_API_ENDPOINT'] ?? `http://127.0.0.1:${SUIRO_STORAGE_PORT}`,
    bucket: env['SUIRO_BUCKET'] ?? 'suiro',
    bigquery: env['BIGQUERY_API_ENDPOINT'] ?? `http://127.0.0.1:${SUIRO_BIGQUERY_PORT}`,
    project: env['GOOGLE_CLOUD_PROJECT'] ?? 'suiro-local',
    ...(database === undefined ? {} : { database }),
  }
}

function embeddedDatabase({
  SUIRO_HOME = '.suiro',
  SUIRO_POSTGRES_PORT = '65433',
}: Env): string | undefined {
  try {
    const password = readFileSync(join(SUIRO_HOME, 'postgres-password'), 'utf8').trim()
    return `postgres://suiro:${encodeURIComponent(password)}@127.0.0.1:${SUIRO_POSTGRES_PORT}/suiro`
  } catch {
    return undefined
  }
}
