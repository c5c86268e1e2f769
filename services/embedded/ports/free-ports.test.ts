import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { requireFreePorts } from './free-ports.ts'
import { wantedPorts, type WantedPort } from './wanted.ts'
import { readSettings } from '../settings.ts'

const wanted = (port: number, variable = 'SUIRO_PORT'): WantedPort => ({
  ...{ host: '127.0.0.1', port, what: 'the API', variable },
})

test('a part that runs elsewhere wants no port', () => {
  const here = { SUIRO_HOST: '0.0.0.0', DATABASE_URL: 'postgres://db/suiro' }
  const ports = wantedPorts(readSettings({ ...here, GOOGLE_CLOUD_PROJECT: 'shop' }, []))
  expect(ports.map(({ host, variable }) => [variable, host])).toEqual([
    ['SUIRO_PORT', '0.0.0.0'],
    ['SUIRO_WORKER_PORT', '127.0.0.1'],
    ['SUIRO_TEMPORAL_PORT', '127.0.0.1'],
    ['SUIRO_TEMPORAL_UI_PORT', '127.0.0.1'],
  ])
})

test.runIf(process.platform === 'linux')(
  'all ports that are taken are said at once, with the program that holds them',
  async () => {
    const program = `const s = [0, 0].map(() => require('node:net').createServer().listen(0, '127.0.0.1'))
setTimeout(() => console.log(JSON.stringify(s.map((one) => one.address().port))), 100)`
    const holder = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void holder.kill())
    const [line] = (await once(holder.stdout, 'data')) as [Buffer]
    const [first = 0, second = 0] = JSON.parse(line.toString()) as number[]
    const both = requireFreePorts([wanted(first), wanted(second, 'SUIRO_STORAGE_PORT')])
    await expect(both).rejects.toThrow(
      new RegExp(
        `^These ports are held by process ${holder.pid}: .*node -e [^]*\n  ${first}, where .*\n  ${second}, where .*\nStop it: kill ${holder.pid}\nOr start this one elsewhere: SUIRO_PORT=\\d+ SUIRO_STORAGE_PORT=\\d+ npm start$`,
      ),
    )
  },
)

test('one whose API answers is a Suiro, whoever started it', async () => {
  const api = createHttpServer((request, reply) => {
    reply.end(request.url === '/api/version' ? '{"version":"0.10.5.1","suiro":"9.8.7"}' : '')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void api.close())
  await once(api, 'listening')
  const { port } = api.address() as AddressInfo
  await expect(requireFreePorts([wanted(port)])).rejects.toThrow(
    /^This port is held by another Suiro \(version 9\.8\.7\):/,
  )
})

test('an address that is not of this machine is said with what moves it', async () => {
  const away = { ...wanted(20_001), host: '192.0.2.1', variable: 'SUIRO_TEMPORAL_UI_PORT' }
  await expect(requireFreePorts([away])).rejects.toThrow(
    /cannot listen on 192\.0\.2\.1:20001 \(EADDRNOTAVAIL\).* or another host with SUIRO_TEMPORAL_HOST/,
  )
})
