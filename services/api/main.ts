import '#services/shared/settings-first.ts'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { readConfig } from './config.ts'
import { DatabaseError } from '#store/database.ts'
import { OwnOperatorError } from '#services/shared/own-operators.ts'
import { createLog, logProcess } from '#services/shared/log.ts'
import { secretsIn } from '#services/shared/log-secrets.ts'
import { startFailure } from '#services/shared/start-failure.ts'
import { startApi } from './process.ts'

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: something else listens there. Stop it, or set SUIRO_PORT`
  }
  return startFailure(error, [ConfigError, DatabaseError, OwnOperatorError])
}

if (import.meta.main) {
  try {
    const config = readConfig(process.env)
    const log = createLog({ part: 'api', level: config.logLevel, secrets: secretsIn(process.env) })
    logProcess(log)
    const { stop } = await startApi(config, log)
    process.once('SIGTERM', () => void stop())
    process.once('SIGINT', () => void stop())
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(1)
  }
}
