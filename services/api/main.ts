import '#services/shared/settings-first.ts'
import { ConfigError, readConfig } from './config.ts'
import { DatabaseError } from '#store/database.ts'
import { OwnOperatorError } from '#services/shared/own-operators.ts'
import { startApi } from './process.ts'

/** What a person can mend is said in a sentence; anything else keeps its stack. */
function explain(error: unknown): string {
  const mendable = [ConfigError, DatabaseError, OwnOperatorError]
  if (error instanceof Error && mendable.some((kind) => error instanceof kind)) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: something else listens there. Stop it, or set SUIRO_PORT`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

try {
  const { stop } = await startApi(readConfig(process.env))
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
