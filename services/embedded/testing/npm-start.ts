import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { homeVariable } from '../running.ts'
import { freePortVariables } from '../ports/free-port-variables.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface NpmStart {
  /** Of npm itself. */
  readonly pid: number
  readonly home: string
  /** What made it have its own folder and ports. */
  readonly env: Readonly<Record<string, string>>
  readonly said: () => string
  /** Types it, where it has a terminal. */
  readonly type: (text: string) => void
  /** Waits until it has said that. */
  readonly says: (text: string | RegExp) => Promise<void>
  readonly ended: Promise<number | null>
  /** What runs of it, npm and all parts, by command line. */
  readonly processes: () => Promise<ReadonlyMap<number, string>>
  /** Waits until nothing runs of it; answers what is still there after half a minute. */
  readonly remains: () => Promise<readonly string[]>
  /** Kills what is left, and removes the data. */
  readonly clear: () => Promise<void>
}

const terminal = fileURLToPath(new URL('terminal.py', import.meta.url))

/** `npm start` on data and ports of its own: into a pipe, or in a terminal of so many columns. */
export async function npmStart(
  more: Readonly<Record<string, string>> = {},
  columns?: number,
): Promise<NpmStart> {
  const home = more['SUIRO_HOME'] ?? (await mkdtemp(join(tmpdir(), 'suiro-npm-')))
  const env: Record<string, string> = { SUIRO_HOME: home }
  Object.assign(env, await freePortVariables())
  Object.assign(env, more)
  const around = columns === undefined ? [] : ['python3', terminal, String(columns)]
  const [program, ...words] = [...around, 'npm', 'start', '--', '--no-examples']
  const npm = spawn(program, words, {
    cwd: root,
    // A runner of tests may itself be in one of those places where nothing is drawn.
    env: { ...process.env, CI: '', TERM: 'xterm', ...env },
    stdio: 'pipe',
    detached: true,
  })
  let said = ''
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  }
  let over = false
  const ended = once(npm, 'exit').then(([code]) => {
    over = true
    return code as number | null
  })
  const processes = (): Promise<ReadonlyMap<number, string>> => processesOf(home)
  return {
    pid: npm.pid ?? 0,
    home,
    env,
    said: () => said,
    type: (text) => void npm.stdin.write(text),
    async says(text) {
      while (typeof text === 'string' ? !said.includes(text) : !text.test(said)) {
        if (over) throw new Error(`npm ended without saying ${String(text)}:\n${said}`)
        await sleep(20)
      }
    },
    ended,
    processes,
    async remains() {
      for (let waited = 0; waited < 30_000 && (await processes()).size > 0; waited += 100) {
        await sleep(100)
      }
      return [...(await processes()).values()]
    },
    async clear() {
      for (const pid of (await processes()).keys()) process.kill(pid, 'SIGKILL')
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** By the environment with which each of them began. */
async function processesOf(home: string): Promise<ReadonlyMap<number, string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marks = [`SUIRO_HOME=${home}`, `${homeVariable}=${home}`]
  const found = new Map<number, string>()
  for (const pid of pids) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (!environ.split('\0').some((variable) => marks.includes(variable))) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command !== '') found.set(Number(pid), command.replaceAll('\0', ' '))
  }
  return found
}
