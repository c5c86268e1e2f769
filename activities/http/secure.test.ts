import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createCertificate, type Certificate } from '../testing/certificate.ts'
import { createProxy, type TestProxy } from './testing/proxy.ts'
import { http } from './testing/run.ts'
import { createHttpServer, type TestServer } from './testing/server.ts'

let certificate: Certificate
let plain: TestServer
let secure: TestServer
let proxy: TestProxy
let passed: number
beforeAll(async () => {
  certificate = await createCertificate()
  plain = await createHttpServer()
  secure = await createHttpServer(certificate)
  proxy = await createProxy()
})
afterAll(() => Promise.all([plain.close(), secure.close(), proxy.close()]))
beforeEach(() => {
  passed = proxy.passed.length
})

const hostOf = (server: TestServer): string => new URL(server.origin).host
const ok = { stored: { http: { last_status: 200 } } }
/** What has gone through the proxy in this test. */
const through = (): readonly string[] => proxy.passed.slice(passed)

describe('http> speaks TLS', () => {
  test('with servers whose certificate is trusted, or when it need not be', async () => {
    const failed = http({ _command: secure.origin })
    await expect(failed).rejects.toThrow(
      /the server's certificate is not trusted \(self-signed certificate\); "insecure: true"/,
    )
    expect(secure.received).toHaveLength(0)
    expect(await http({ _command: secure.origin, insecure: true })).toMatchObject(ok)
  })
})

describe('http> goes through a proxy', () => {
  const own = (more: JsonObject = {}): JsonObject => ({
    proxy: { enabled: true, host: '127.0.0.1', port: proxy.port, ...more },
  })

  test('of its own', async () => {
    const { origin } = plain
    expect(await http({ _command: `${origin}/x`, ...own() })).toMatchObject(ok)
    expect(await http({ _command: secure.origin, insecure: true, ...own() })).toMatchObject(ok)
    await http({ _command: origin, ...own({ enabled: false }) })
    expect(through()).toEqual([`GET ${origin}/x`, `CONNECT ${hostOf(secure)}`])
    await expect(http({ _command: secure.origin, ...own() })).rejects.toThrow('not trusted')
    await expect(http({ _command: origin, ...own({ port: 0 }) })).rejects.toThrow('must be 1 to')
    await expect(http({ _command: origin, ...own({ host: 'a/b' }) })).rejects.toThrow('no name of')
    await expect(http({ _command: origin, proxy: { enabled: true, port: 1 } })).rejects.toThrow(
      "Parameter 'host' is required",
    )
  })

  test('that speaks TLS itself', async () => {
    const tls = await createProxy(certificate)
    const params = own({ tls: true, port: tls.port })
    expect(await http({ _command: plain.origin, insecure: true, ...params })).toMatchObject(ok)
    await tls.close()
    expect(tls.passed).toHaveLength(1)
  })

  test('of the worker, unless the task has one that it may have', async () => {
    const settings = { proxy: proxy.uri }
    await http({ _command: `${plain.origin}/settings` }, {}, settings)
    expect(through()).toEqual([`GET ${plain.origin}/settings`])
    const elsewhere = { enabled: true, host: '127.0.0.1', port: 9 }
    const params = { _command: plain.origin, proxy: elsewhere, retry: false }
    await expect(http(params, {}, settings)).rejects.toThrow('Connection refused')
    expect(await http(params, {}, { ...settings, allowUserProxy: false })).toMatchObject(ok)
    expect(through()).toHaveLength(2)
  })

  test('of the environment, one for each scheme, with its exceptions', async () => {
    const run = (server: TestServer, environment: Record<string, string>) =>
      http({ _command: server.origin, insecure: true }, {}, { environment })
    await run(plain, { http: proxy.uri })
    await run(secure, { https: proxy.uri })
    expect(through()).toEqual([`GET ${plain.origin}/`, `CONNECT ${hostOf(secure)}`])
    await run(plain, { https: proxy.uri })
    await run(secure, { http: proxy.uri })
    await run(plain, { http: proxy.uri, except: 'example.com,127.0.0.1' })
    expect(through()).toHaveLength(2)
  })
})
