import { configError, OperatorError } from '../failure.ts'
import type { KeyOf } from '../task/built-in.ts'
import { createConfig, type Config } from '../task/config.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import {
  defaultConnectSeconds,
  defaultPort,
  defaultSocketSeconds,
  type MailSettings,
  type SmtpServer,
} from './settings.ts'

const ownKeys = ['host', 'port', 'username', 'tls', 'ssl'] as const

/**
 * The task's own server, or the worker's. They are never mixed: a task that names a server would get the
 * worker's password sent there.
 */
export async function readServer(
  config: Config<KeyOf<'mail'>>,
  secrets: TaskSecrets,
  settings: MailSettings,
): Promise<SmtpServer> {
  // A secret `mail.<key>` wins over the parameter of that name.
  const given = await Promise.all(
    ownKeys.map(
      async (key) => [key, (await secrets.get(`mail.${key}`)) ?? config.get(key)] as const,
    ),
  )
  const own = createConfig(
    Object.fromEntries(
      given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    new Set(),
  )
  const options = {
    debug: config.boolean('debug', false),
    connectSeconds: config.optionalDuration('connect_timeout') ?? defaultConnectSeconds,
    socketSeconds: config.optionalDuration('socket_timeout') ?? defaultSocketSeconds,
  }
  const host = own.optionalString('host')?.trim()
  if (host === undefined || host === '') {
    if (settings.server !== undefined) return settings.server
    throw new OperatorError(
      'Missing SMTP configuration: SMTP config \'host\' is required but not set. Set it beside mail>, below "_export: mail:", as the secret mail.host, or for all projects as SUIRO_MAIL_HOST of the worker',
    )
  }
  const ssl = own.boolean('ssl', false)
  const port = own.optionalInteger('port') ?? defaultPort(ssl)
  if (port < 1 || port > 65_535) throw configError(`Parameter 'port' must be 1 to 65535: ${port}`)
  const username = own.optionalString('username')
  const password = await secrets.get('mail.password')
  return {
    host,
    port,
    tls: own.boolean('tls', true),
    ssl,
    ...options,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}
