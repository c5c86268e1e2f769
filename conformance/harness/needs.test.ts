import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNeeds, type Needs } from './needs.ts'

let needs: Needs
beforeAll(async () => {
  needs = await startNeeds(['http', 'http', 'no-such-command-anywhere'])
})
afterAll(() => needs.close())

test('a helper server is started once, and its address is a parameter', async () => {
  const { http_url: url = '' } = needs.params(['http'])
  const echo = await fetch(`${url}/echo?a=1`, { method: 'POST', body: 'hello' })
  expect(await echo.json()).toMatchObject({ method: 'POST', query: { a: '1' }, body: 'hello' })
  const status = await fetch(`${url}/status/503`, { method: 'POST', body: 'busy' })
  expect([status.status, await status.text()]).toEqual([503, 'busy'])
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
  expect(needs.params(['node'])).toEqual({})
})

test('a command that this machine lacks is missing; an operator only a server can lack', () => {
  const wanted = ['http', 'node', 'operator:http', 'no-such-command-anywhere']
  expect(needs.missing(wanted)).toEqual(['no-such-command-anywhere'])
})
