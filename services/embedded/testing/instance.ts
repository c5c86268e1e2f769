import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { anyFreePort } from '#services/shared/free-port.ts'
import { portVariables, type Ports } from '../settings.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Instance {
  readonly url: string
  readonly pid: number
  readonly ports: Ports
  readonly stop: () => Promise<void>
}

/** `npm start` on ports and data of its own, which go when it is stopped. */
export async function startInstance(
  options: {
    /** Where the API listens. */
    readonly host?: string
    readonly env?: Readonly<Record<string, string>>
    readonly silent?: boolean
  } = {},
): Promise<Instance> {
  const { host = '127.0.0.1', env = {}, silent = false } = options
  const home = await mkdtemp(join(tmpdir(), 'suiro-instance-'))
  const ports: Record<string, number> = {}
  const variables: Record<string, string> = {}
  for (const [part, [variable]] of Object.entries(portVariables)) {
    ports[part] = await anyFreePort(part === 'api' ? host : '127.0.0.1')
    variables[variable] = String(ports[part])
  }
  const instance = spawn(
    process.execPath,
    ['services/embedded/main.ts', 'start', '--no-examples'],
    {
      cwd: root,
      env: { ...process.env, ...variables, SUIRO_HOME: home, SUIRO_HOST: host, ...env },
      stdio: silent ? 'ignore' : 'inherit',
    },
  )
  const ended = once(instance, 'exit')
  const stop = async (): Promise<void> => {
    instance.kill('SIGTERM')
    await ended
    await rm(home, { recursive: true, force: true })
  }
  const url = `http://${host}:${ports['api']}`
  const all = [url, `http://127.0.0.1:${ports['worker']}`]
  const deadline = Date.now() + 300_000
  while (!(await Promise.all(all.map(isReady))).every(Boolean)) {
    if (instance.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error('The instance to try did not start')
    }
    await sleep(200)
  }
  return { url, pid: instance.pid ?? 0, ports: ports as unknown as Ports, stop }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
