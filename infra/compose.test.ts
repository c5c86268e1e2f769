import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Service {
  readonly mem_limit?: string
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly read_only?: boolean
  readonly privileged?: boolean
  readonly ports?: readonly string[]
}

const file = new URL('../docker-compose.yml', import.meta.url)
const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
}

test.each(Object.entries(services))('%s is confined', (name, service) => {
  expect(service.mem_limit).toMatch(/^\d+[mg]$/)
  expect(service.cap_drop).toEqual(['ALL'])
  expect(service.security_opt).toEqual(['no-new-privileges:true'])
  expect(service.privileged).toBeUndefined()
  expect(service.read_only ?? false).toBe(name !== 'temporal-ui')
  for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
})
