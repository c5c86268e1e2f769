import pg from 'pg'
import { configError, OperatorError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'

/** Where a `pg>` task connects to; a secret `pg.<key>` wins over the parameter of that name. */
export async function connectionOf(
  context: Pick<OperatorContext, 'config' | 'secrets'>,
): Promise<pg.ClientConfig> {
  const { secrets } = context
  const config = context.config.withDefaults('pg')
  const read = async (key: string): Promise<string | undefined> =>
    (await secrets.get(`pg.${key}`)) ?? config.optionalString(key)
  const required = async (key: string): Promise<string> => {
    const value = await read(key)
    if (value !== undefined) return value
    throw configError(
      `Parameter '${key}' is required but not set. Set it beside pg>, below "_export: pg:", or as the secret pg.${key}`,
    )
  }
  const port = Number((await read('port')) ?? 5432)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw configError(`Expected integer (int) type for key 'port' but got ${await read('port')}`)
  }
  // A password is never a parameter: parameters are shown in the API and in logs.
  const override = config.optionalString('password_override')
  const password = await secrets.get(override ?? 'pg.password')
  if (override !== undefined && password === undefined) {
    throw configError(`Secret not found for key: '${override}'`)
  }
  const ssl = (await read('ssl')) === 'true'
  const schema = await read('schema')
  const connectTimeout = config.optionalDuration('connect_timeout') ?? 30
  const socketTimeout = config.optionalDuration('socket_timeout') ?? 1800
  return {
    host: await required('host'),
    port,
    user: await required('user'),
    database: await required('database'),
    connectionTimeoutMillis: connectTimeout * 1000,
    query_timeout: socketTimeout * 1000,
    keepAlive: true,
    application_name: 'suiro',
    ...(password === undefined ? {} : { password }),
    ...(ssl ? { ssl: { rejectUnauthorized: false } } : {}),
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
  }
}

/**
 * Runs `body` on a connection. When the signal aborts, the statement that runs is cancelled on the
 * server, and the abort's reason is thrown.
 */
export async function withConnection<Result>(
  settings: pg.ClientConfig,
  signal: AbortSignal,
  body: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const client = new pg.Client(settings)
  // A broken connection makes the running statement fail, which is where it is told.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const { host, port, database, user } = settings
    throw new OperatorError(
      `Cannot connect to PostgreSQL ${host}:${port}/${database} as ${user}: ${messageOf(error)}`,
      { cause: error },
    )
  }
  const cancel = (): void => void cancelStatement(settings, client)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await body(client)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof pg.DatabaseError) throw statementFailed(error)
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    await client.end().catch(() => undefined)
  }
}

/** On a second connection, since the first one waits for its statement. */
async function cancelStatement(settings: pg.ClientConfig, busy: pg.Client): Promise<void> {
  const { processID } = busy as pg.Client & { readonly processID: number }
  const client = new pg.Client(settings)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select pg_cancel_backend($1)', [processID])
  } catch {
    // The server cannot be reached: closing our own end is all that is left.
    await busy.end().catch(() => undefined)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function statementFailed(error: pg.DatabaseError): OperatorError {
  const hints = [error.detail, error.hint].filter(Boolean)
  const position = error.position === undefined ? '' : ` at character ${error.position}`
  return new OperatorError([`ERROR: ${error.message}${position}`, ...hints].join('\n  '), {
    cause: error,
  })
}

const messageOf = (error: unknown): string => {
  // Node tries several addresses for one name and says what each answered.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
