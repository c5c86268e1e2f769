import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '#services/embedded/failure.ts'
import { runProgram } from '#services/embedded/run-program.ts'
import { keepStatements } from './keep.ts'

/** What sends statements to PostgreSQL. */
const tests = [
  'store',
  'activities/attempt',
  'activities/control',
  'activities/task',
  'services/api/routes',
  'services/api/push',
  'services/api/temporal',
  'services/api/register-batches',
  'services/worker/watch',
  'activities/bigquery',
]

const root = fileURLToPath(new URL('../../', import.meta.url))

/** `npm run statements -- NAME`: runs the tests that use the store, and keeps what the store sends to PostgreSQL. */
await runProgram(async ([name, ...more], print) => {
  if (name === undefined || more.length > 0) {
    throw new UsageError('Give the release one name: npm run statements -- 0.1')
  }
  const recorded = process.env['SUIRO_STATEMENTS'] ?? '.suiro/statements.jsonl'
  rmSync(recorded, { force: true })
  const { status } = spawnSync(process.execPath, ['services/embedded/main.ts', 'test', ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SUIRO_STATEMENTS: recorded },
  })
  if (status !== 0) return status ?? 1
  print(keepStatements(recorded, name))
  return 0
})
