import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `npm run check` does, one by one, so that each counts. */
const checks = ['lint', 'format:check', 'types', 'knip'] as const

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numTotalTests: number
  readonly success: boolean
}

/** `npm test`: the checks, then all tests on real parts. The last line counts both. */
export async function test(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  passOnSignals()
  let passed = 0
  let failed = 0
  // Arguments name test files: then only those are wanted, without the checks.
  for (const check of args.length > 0 ? [] : checks) {
    const began = Date.now()
    const code = await run('npm', ['run', '--silent', check])
    const seconds = ((Date.now() - began) / 1000).toFixed(1)
    print(`${code === 0 ? '✓' : '✗'} npm run ${check} (${seconds} s)`)
    if (code === 0) passed += 1
    else failed += 1
  }
  const folder = await mkdtemp(join(tmpdir(), 'suiro-report-'))
  try {
    const file = join(folder, 'report.json')
    const code = await run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
    ])
    const report = await readReport(file)
    passed += report?.numPassedTests ?? 0
    failed += report?.numFailedTests ?? 0
    // A file that cannot even be loaded has no tests to count, but is a failure all the same.
    if ((report === undefined || code !== 0) && (report?.numFailedTests ?? 0) === 0) failed += 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  print(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}

/** What runs now: it is asked to end when we are, and nothing comes after it. */
let running: ChildProcess | undefined
let asked: NodeJS.Signals | undefined

function passOnSignals(): void {
  const pass = (signal: NodeJS.Signals): void => {
    asked = signal
    running?.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass)
  process.once('disconnect', () => pass('SIGTERM'))
}

function run(command: string, args: readonly string[]): Promise<number> {
  if (asked !== undefined) return Promise.resolve(1)
  const child = spawn(command, [...args], { stdio: 'inherit' })
  running = child
  return new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
