import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tarGz } from '#archive/pack.ts'
import { UsageError } from '../failure.ts'
import { endWithUs } from '../processes/end-with-us.ts'
import { endOnSignal, runProgram } from '../run-program.ts'
import { createEnvironment } from '../tools/python.ts'
import { startInstance } from '../testing/instance.ts'
import { options } from './options.mjs'

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

/**
 * `npm run fuzz:api`: schemathesis over the whole OpenAPI document of a running instance. A 500, a status that is not
 * documented or an answer of another shape is a finding.
 */
await runProgram(async (args, print) => {
  endOnSignal()
  const { values } = parseArgs({ args: [...args], options })
  const minutes = Number(values.minutes ?? 10)
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  if (!(minutes > 0)) throw new UsageError('--minutes must be a number above 0')
  if (!Number.isInteger(seed)) throw new UsageError('--seed must be a whole number')
  const schemathesis = await install(print)
  const { url, stop } = await startInstance()
  try {
    await furnish(url)
    print(`Seed ${seed}, ${minutes} min. The same again: npm run fuzz:api -- --seed ${seed}`)
    // What writes comes first and alone, so that there is much to read for all that follows.
    const writing = ['--include-method', 'PUT', '--include-method', 'POST', '--phases', 'fuzzing']
    const first = [...writing, '--max-examples', '100000']
    return Math.max(
      await fuzz({ schemathesis, url, seed, minutes: minutes / 3, more: first }),
      await fuzz({ schemathesis, url, seed, minutes: (minutes * 2) / 3, more: [] }),
    )
  } finally {
    await stop()
  }
})

async function install(print: (line: string) => void): Promise<string> {
  const folder = await createEnvironment(
    resolve(process.env['SUIRO_TOOLS'] ?? '.suiro/tools'),
    'schemathesis',
    { python: '3.13', packages: ['schemathesis==4.32.5'] },
    () => print('Installing schemathesis …'),
  )
  return join(folder, 'bin/schemathesis')
}

interface Fuzzing {
  readonly schemathesis: string
  readonly url: string
  readonly seed: number
  readonly minutes: number
  readonly more: readonly string[]
}

/** One run of schemathesis; answers its exit code. */
async function fuzz({ schemathesis, url, seed, minutes, more }: Fuzzing): Promise<number> {
  const run = spawn(
    schemathesis,
    [
      ...['run', `${url}/api/openapi.json`, '--url', url, '--checks', checks.join(',')],
      ...['--max-time', String(Math.ceil(minutes * 60)), '--seed', String(seed)],
      ...['--workers', '2', '--request-timeout', '30', '--continue-on-failure'],
      ...['--warnings', 'off', '--no-color', ...more],
    ],
    {
      stdio: 'inherit',
      detached: true,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: fileURLToPath(new URL('hooks.py', import.meta.url)),
      },
    },
  )
  endWithUs(run)
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
