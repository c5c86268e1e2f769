import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tarGz } from '#archive/pack.ts'
import { createEnvironment } from '../tools/python.ts'
import { startInstance } from '../testing/instance.ts'

/**
 * `npm run fuzz:api [-- --minutes 10 --seed 1]`: schemathesis over the whole OpenAPI document of a
 * running instance. A 500, a status that is not documented or an answer of another shape is a finding.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes > 0) || !Number.isInteger(seed)) {
  throw new Error('--minutes must be a number above 0, and --seed a whole number')
}

// Without positive_data_acceptance: a schema does not state all rules, such as those of names, times, pages,
// archives and resumes, so that every finding of it is a right refusal.
const checks = [
  'not_a_server_error',
  'negative_data_rejection',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
]

const folder = await createEnvironment(
  resolve(process.env['SUIRO_TOOLS'] ?? '.suiro/tools'),
  'schemathesis',
  { python: '3.13', packages: ['schemathesis==4.32.5'] },
  () => console.log('Installing schemathesis …'),
)
const { url, stop } = await startInstance()
try {
  await furnish(url)
  console.log(`Seed ${seed}, ${minutes} min. The same again: npm run fuzz:api -- --seed ${seed}`)
  // What writes comes first and alone, so that there is much to read for all that follows.
  const writing = ['--include-method', 'PUT', '--include-method', 'POST', '--phases', 'fuzzing']
  const codes = [
    await fuzz(url, minutes / 3, [...writing, '--max-examples', '100000']),
    await fuzz(url, (minutes * 2) / 3, []),
  ]
  process.exitCode = Math.max(...codes)
} finally {
  await stop()
}

/** One run of schemathesis; answers its exit code. */
async function fuzz(api: string, forMinutes: number, more: readonly string[]): Promise<number> {
  const run = spawn(
    join(folder, 'bin/schemathesis'),
    [
      ...['run', `${api}/api/openapi.json`, '--url', api, '--checks', checks.join(',')],
      ...['--max-time', String(Math.ceil(forMinutes * 60)), '--seed', String(seed)],
      ...['--workers', '2', '--request-timeout', '30', '--continue-on-failure'],
      ...['--warnings', 'off', '--no-color', ...more],
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: fileURLToPath(new URL('hooks.py', import.meta.url)),
      },
    },
  )
  const [code] = (await once(run, 'exit')) as [number | null]
  return code ?? 1
}

/** Something to find by the ids that are tried first. */
async function furnish(api: string): Promise<void> {
  const dig = 'schedule:\n  daily>: 07:00:00\n+a:\n  echo>: hi\n'
  await send(`${api}/api/projects?project=fuzzed&revision=1`, 'application/gzip', [
    ...(await tarGz([[{ name: 'a.dig' }, dig]])),
  ])
  const found = await fetch(`${api}/api/workflow?project=fuzzed&name=a`)
  const { id } = (await found.json()) as { readonly id: string }
  const start = JSON.stringify({ workflowId: id, sessionTime: '2026-01-01' })
  await send(`${api}/api/attempts`, 'application/json', [...Buffer.from(start)])
}

async function send(url: string, type: string, bytes: readonly number[]): Promise<void> {
  const headers = { 'content-type': type }
  const answer = await fetch(url, { method: 'PUT', headers, body: Uint8Array.from(bytes) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}
