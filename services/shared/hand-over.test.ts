import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { handOver, readFiles } from './hand-over.ts'

const service = fileURLToPath(new URL('testing/service.ts', import.meta.url))
const root = process.getuid?.() === 0

/** A user that is not root, where the test may change users; else the one that it is. */
const unprivileged = (command: readonly string[]): readonly string[] =>
  root ? ['setpriv', '--reuid=61001', '--regid=61001', '--clear-groups', '--', ...command] : command

/** Starts a service and answers what it read, and what its own user finds of it in /proc. */
async function run(env: Record<string, string>, input?: string) {
  const [program = '', ...args] = unprivileged([process.execPath, service])
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  child.stdin.end(input)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const read = JSON.parse(line) as { secret: string; pid: number }
  expect(read.pid).toBe(child.pid)
  const hunt = 'cd /proc/$0 && tr "\\0" "\\n" < environ && cat cmdline && timeout 5 cat fd/0'
  const [hunter = '', ...rest] = unprivileged(['/bin/sh', '-c', hunt, String(read.pid)])
  return { ...read, found: execFileSync(hunter, rest, { encoding: 'utf8', cwd: '/' }) }
}

const path = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

test.runIf(process.platform === 'linux')('what a service began with is not in /proc', async () => {
  // Quotes, a line end and what a shell would expand come through as they are, also beyond one page.
  const secret = `${randomUUID()} "'$HOME \`id\` \\n\nEND\n${'x'.repeat(20_000)}`
  const { secret: read, found } = await run({ ...path, DATABASE_URL: secret })
  expect(read).toBe(secret)
  expect(found).toContain('PATH=')
  expect(found).not.toContain(secret.slice(0, 36))
})

test.runIf(process.platform === 'linux')('nor what its launcher hands over', async () => {
  const secret = randomUUID()
  const { env, input } = handOver({ ...path, DATABASE_URL: secret, EMPTY: undefined })
  expect(JSON.stringify(env)).not.toContain(secret)
  const { secret: read, found } = await run(env, input)
  expect(read).toBe(secret)
  expect(found).not.toContain(secret)
})

test('a setting may be in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-settings-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'key')
  await writeFile(file, 'the key\n')
  const env: Record<string, string | undefined> = { SUIRO_SECRET_KEY_FILE: file }
  expect(readFiles(env)).toEqual([])
  // Handed on, it would be read once more.
  expect(env).toEqual({ SUIRO_SECRET_KEY: 'the key' })
  const wrong = {
    SUIRO_SECRET_KEY_FILE: file,
    SUIRO_SECRET_KEY: 'k',
    DATABASE_URL_FILE: join(folder, 'none'),
  }
  expect(readFiles(wrong)).toEqual([
    expect.stringMatching(/^DATABASE_URL_FILE names .*none, which cannot be read \(ENOENT\)$/),
    'SUIRO_SECRET_KEY and SUIRO_SECRET_KEY_FILE are both set: keep one of them',
  ])
})
