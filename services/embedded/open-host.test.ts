import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startInstance, type Instance } from './testing/instance.ts'
import { isOpen } from './testing/is-open.ts'
import { listenersOf } from './ports/listeners.ts'

/** An address of this machine that others in its network could call. */
const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

// What listens where is read from /proc.
describe.skipIf(process.platform !== 'linux')('npm start with SUIRO_HOST of the network', () => {
  const host = own ?? '127.0.0.2'
  let instance: Instance

  beforeAll(async () => {
    const env = { SUIRO_ALLOWED_HOSTS: 'suiro.example' }
    instance = await startInstance({ host, env, silent: true })
  }, 300_000)
  afterAll(() => instance.stop(), 60_000)

  test('only the API listens there, and nothing on all addresses', async () => {
    const listeners = await listenersOf(instance.pid)
    const elsewhere = listeners.filter(({ address }) => !['127.0.0.1', '::1'].includes(address))
    expect(new Set(elsewhere.map(({ address, port }) => `${address}:${port}`))).toEqual(
      new Set([`${host}:${instance.ports.api}`]),
    )
    // That nothing was overlooked: each part is seen where it should be.
    const { api: _, ...others } = instance.ports
    const seen = listeners.map(({ port }) => port)
    expect(seen).toEqual(expect.arrayContaining(Object.values(others)))
  })

  test('nobody is let in to the other parts from there, nor to the API from elsewhere', async () => {
    const { api, ...others } = instance.ports
    expect(await isOpen(host, api)).toBe(true)
    expect(await isOpen('127.0.0.1', api)).toBe(false)
    for (const [part, port] of Object.entries(others)) {
      expect([part, await isOpen(host, port)]).toEqual([part, false])
    }
  })

  test('a page whose name is made to lead there, and a page of another origin, change nothing', async () => {
    const { api } = instance.ports
    const push = '/api/projects?project=evil&revision=1'
    for (const name of ['evil.example', `evil.example:${api}`, `${host}.evil.example`]) {
      expect([name, await ask('GET', '/api/projects', { host: name })]).toEqual([name, 403])
      const page = { host: name, origin: `http://${name}`, 'sec-fetch-site': 'same-origin' }
      expect([name, await ask('PUT', push, page)]).toEqual([name, 403])
    }
    for (const page of [
      { origin: 'http://evil.example' },
      // The same machine at another port: what its browser says of it.
      { origin: `http://${host}:1`, 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const status = await ask('PUT', push, { host: `${host}:${api}`, ...page })
      expect([page, status]).toEqual([page, 403])
    }
    expect(await ask('GET', '/api/project?name=evil', { host: `${host}:${api}` })).toBe(404)
  })

  test('its own address and the names that are set are answered', async () => {
    for (const name of [`${host}:${instance.ports.api}`, 'suiro.example', 'suiro.example:443']) {
      expect([name, await ask('GET', '/api/projects', { host: name })]).toEqual([name, 200])
    }
  })

  /** Answers the status; fetch would not send a Host of ours. */
  const ask = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(instance.url)
      request({ host, port, method, path, headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
})
