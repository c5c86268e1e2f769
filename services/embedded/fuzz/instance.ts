import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { anyFreePort } from '#services/shared/free-port.ts'
import { portVariables } from '../settings.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** `npm start` on ports and data of its own, which go when it is stopped. */
export async function startInstance(): Promise<{
  readonly url: string
  readonly stop: () => Promise<void>
}> {
  const home = await mkdtemp(join(tmpdir(), 'suiro-fuzz-'))
  const ports: Record<string, string> = {}
  for (const [variable] of Object.values(portVariables)) {
    ports[variable] = String(await anyFreePort('127.0.0.1'))
  }
  const instance = spawn(
    process.execPath,
    ['services/embedded/main.ts', 'start', '--no-examples'],
    { cwd: root, env: { ...process.env, ...ports, SUIRO_HOME: home }, stdio: 'inherit' },
  )
  const ended = once(instance, 'exit')
  const stop = async (): Promise<void> => {
    instance.kill('SIGTERM')
    await ended
    await rm(home, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${ports['SUIRO_PORT']}`
  const deadline = Date.now() + 300_000
  while (!(await isReady(url))) {
    if (instance.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error('The instance to try the API of did not start')
    }
    await sleep(200)
  }
  return { url, stop }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
