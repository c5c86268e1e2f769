import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TlsOptions } from 'node:tls'
import { Connection } from '@temporalio/client'
import { expect, onTestFinished, test } from 'vitest'
import { createCertificate } from '#activities/testing/certificate.ts'
import { readTemporalSettings, type TemporalSettings } from '#services/shared/settings/temporal.ts'
import { connectTemporal } from './temporal-connections.ts'

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? ''

function settings(env: Readonly<Record<string, string>>): TemporalSettings {
  const mistakes: string[] = []
  const read = readTemporalSettings(env, mistakes)
  expect(mistakes).toEqual([])
  return read
}

test('a namespace that is not there is named, with the command that makes it', async () => {
  const nowhere = settings({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'nowhere' })
  await expect(connectTemporal(nowhere)).rejects.toThrow(
    `Temporal at ${address} has no namespace nowhere. Set TEMPORAL_NAMESPACE to one that is there, or make it: temporal operator namespace create`,
  )
})

test('a server that does not answer is named with its setting', async () => {
  await expect(connectTemporal(settings({ TEMPORAL_ADDRESS: '127.0.0.1:9' }), 1)).rejects.toThrow(
    'Temporal does not answer at 127.0.0.1:9. Start it there, or set TEMPORAL_ADDRESS',
  )
})

/** The real server behind TLS, as a gateway puts it. */
async function behindTls(options: TlsOptions): Promise<string> {
  const [host = '', port = ''] = address.split(':')
  const server = createServer({ ...options, ALPNProtocols: ['h2'] }, (secure) => {
    const plain = connect(Number(port), host)
    secure.on('error', () => plain.destroy()).pipe(plain)
    plain.on('error', () => secure.destroy()).pipe(secure)
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const at = server.address()
  return `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`
}

/** The certificate and its key as files, the form that pods are given them in. */
async function asFiles(certificate: Awaited<ReturnType<typeof createCertificate>>) {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await writeFile(cert, certificate.cert)
  await writeFile(key, certificate.key)
  return { cert, key }
}

test('TLS and a client certificate are used by the client and by the worker', async () => {
  const certificate = await createCertificate()
  const { cert, key } = await asFiles(certificate)
  const gateway = await behindTls({
    ...certificate,
    ca: certificate.cert,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const trusting = { TEMPORAL_ADDRESS: gateway, TEMPORAL_TLS_SERVER_CA_CERT_PATH: cert }
  const own = { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key }
  const { connection, native } = await connectTemporal(settings({ ...trusting, ...own }))
  await connection.close()
  await native.close()
  for (const env of [
    trusting,
    { TEMPORAL_ADDRESS: gateway, ...own },
    { TEMPORAL_ADDRESS: gateway },
  ]) {
    await expect(connectTemporal(settings(env), 2)).rejects.toThrow('Temporal does not answer')
  }
})

test('the API connects by the same settings, and an API key goes with each call', async () => {
  const certificate = await createCertificate()
  const { cert } = await asFiles(certificate)
  const gateway = await behindTls(certificate)
  const { connection: options } = settings({
    TEMPORAL_ADDRESS: gateway,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: cert,
    TEMPORAL_API_KEY: 'key-98765',
  })
  expect(options).toMatchObject({ apiKey: 'key-98765' })
  const connection = await Connection.connect(options)
  await connection.close()
})
