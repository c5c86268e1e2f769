import '#services/shared/settings-first.ts'
import { parseArgs } from 'node:util'
import { startFailure } from '#services/shared/start-failure.ts'
import { createPool, DatabaseError, migrate } from '#store/database.ts'
import { createStore } from '#store/index.ts'
import { createEnvReader } from '#services/shared/settings/env.ts'
import { readRetention } from '../settings/retention.ts'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { retentionTable } from './table.ts'

/** `npm run retention`: says what would go; with `--now` takes it away at once. */
async function main(now: boolean): Promise<void> {
  const reader = createEnvReader(process.env)
  const url = reader.required(
    'DATABASE_URL',
    'for example postgres://user:password@host:5432/suiro',
  )
  const policy = readRetention(reader)
  if (reader.mistakes.length > 0) throw new ConfigError('Retention', reader.mistakes)
  await migrate(url)
  const pool = createPool(url, { max: 5 })
  try {
    const { retention } = createStore(pool)
    console.log(retentionTable(policy, await retention.due(policy)))
    if (!now) {
      console.log('\nNothing was removed; npm run retention -- --now removes it.')
      return
    }
    for await (const { what, count } of retention.steps(policy)) {
      console.log(`Removed: ${count} ${what}`)
    }
  } finally {
    await pool.end()
  }
}

try {
  const { values } = parseArgs({ options: { now: { type: 'boolean', default: false } } })
  await main(values.now)
} catch (error) {
  process.stderr.write(`${startFailure(error, [ConfigError, DatabaseError, TypeError])}\n`)
  process.exitCode = 1
}
