import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import { types } from 'node:util'
import { hideSecrets } from './log-secrets.ts'

export type { Logger } from 'pino'

/** The slice of a pino logger that our code uses. An attempt is called `attempt` in it, a task `task`. */
export interface Log {
  info(context: object, message: string): void
  warn(context: object, message: string): void
  error(context: object, message: string): void
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** SUIRO_LOG_LEVEL, the same for every process; a mistake is added to the list. */
export function readLogLevel(
  env: Readonly<Record<string, string | undefined>>,
  mistakes: string[],
): LogLevel {
  const text = env['SUIRO_LOG_LEVEL']?.trim() || 'info'
  const level = logLevels.find((known) => known === text)
  if (level === undefined) {
    mistakes.push(`SUIRO_LOG_LEVEL must be one of ${logLevels.join(', ')}, but is "${text}"`)
  }
  return level ?? 'info'
}

export interface LogOptions {
  /** Which process writes. */
  readonly part: 'api' | 'worker'
  readonly level: LogLevel
  /** Texts that are `***` wherever they come up. */
  readonly secrets?: readonly string[]
  /** Standard output if absent. */
  readonly to?: DestinationStream
}

/** A process's own log: a JSON object a line, with `level`, `time` (UTC), `part`, `pid`, `hostname`, `msg`. */
export const createLog = ({ part, level, secrets = [], to }: LogOptions): Logger =>
  pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: ({ pid, hostname }) => ({ part, pid, hostname }),
      },
      serializers: { err: (error) => describe(error) },
      hooks: { streamWrite: hideSecrets(secrets) },
    },
    // Written before the next step is taken, so that the last words of a process are not lost.
    to ?? pino.destination({ dest: 1, sync: true }),
  )

/** What Node says of the process, in its log too: warnings, and the error that ends it. */
export function logProcess(log: Log): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => log.warn({ warning: name }, message))
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'an error that nobody foresaw ends the process')
    process.exit(1)
  })
}

const mostCauses = 5

/**
 * An error by what it says. Not its other properties: those of HTTP clients hold the request with its headers,
 * those of PostgreSQL the rows.
 */
function describe(error: unknown, causes = mostCauses): unknown {
  // An error of a workflow comes from the sandbox, which has an Error of its own.
  if (!(error instanceof Error || types.isNativeError(error))) {
    return typeof error === 'string' ? error : undefined
  }
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  return {
    type: name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack,
    ...(cause === undefined || causes === 0 ? {} : { cause: describe(cause, causes - 1) }),
  }
}
