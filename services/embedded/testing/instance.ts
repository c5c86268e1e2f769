import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSettings, type Ports } from '../settings.ts'
import { freePortVariables } from '../ports/free-port-variables.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Instance {
  readonly url: string
  readonly pid: number
  readonly ports: Ports
  /** What it has printed so far, where it is silent. */
  readonly said: () => string
  /** Asks it to stop, as Ctrl-C or a service manager does, and waits. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

interface Options {
  /** Where the API listens. */
  readonly host?: string
  readonly env?: Readonly<Record<string, string>>
  /** Prints nothing into the output of whoever started it. */
  readonly silent?: boolean
}

/** `npm start` on ports and data of its own, which go when it is stopped; ready when this answers. */
export async function startInstance(options: Options = {}): Promise<Instance> {
  const instance = await beginInstance(options)
  const all = [instance.url, `http://127.0.0.1:${instance.ports.worker}`]
  const deadline = Date.now() + 300_000
  while (!(await Promise.all(all.map(isReady))).every(Boolean)) {
    if (instance.hasEnded() || Date.now() > deadline) {
      await instance.stop()
      throw new Error('The instance to try did not start')
    }
    await sleep(200)
  }
  return instance
}

/** The same, but nothing of it is up yet. */
export async function beginInstance({
  host = '127.0.0.1',
  env = {},
  silent = false,
}: Options = {}): Promise<Instance & { readonly hasEnded: () => boolean }> {
  const home = await mkdtemp(join(tmpdir(), 'suiro-instance-'))
  const variables = await freePortVariables(host)
  const { ports } = readSettings(variables, [])
  const instance = spawn(
    process.execPath,
    ['services/embedded/main.ts', 'start', '--no-examples'],
    {
      cwd: root,
      env: { ...process.env, ...variables, SUIRO_HOME: home, SUIRO_HOST: host, ...env },
      stdio: silent ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    },
  )
  let said = ''
  for (const stream of [instance.stdout, instance.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  }
  const ended = once(instance, 'exit')
  // It stops its own parts, whatever ends us.
  const stopIt = (): void => void instance.kill('SIGTERM')
  process.once('exit', stopIt)
  return {
    url: `http://${host}:${ports.api}`,
    pid: instance.pid ?? 0,
    ports,
    said: () => said,
    hasEnded: () => instance.exitCode !== null,
    async stop(signal = 'SIGTERM') {
      instance.kill(signal)
      await ended
      process.off('exit', stopIt)
      await rm(home, { recursive: true, force: true })
    },
  }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
