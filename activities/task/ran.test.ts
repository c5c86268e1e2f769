import { expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createMask } from '../secrets/mask.ts'
import { ranTask } from './ran.ts'
import type { Prepared } from './prepare.ts'

const prepared = (command: string, params: JsonObject): Prepared =>
  ({
    operator: 'http',
    longForm: false,
    command,
    params: { ...params, inherited: 'from above' },
    localKeys: Object.keys(params),
    secretMounts: {},
  }) as Partial<Prepared> as Prepared

test('a click on a task shows its operator, its command and its own parameters', () => {
  const params = { method: 'POST', content: { a: 1 }, timeout: 30, retry: false }
  expect(ranTask('+w+call', prepared('http://x/', params), createMask())).toEqual({
    task: '+w+call',
    operator: 'http>',
    command: 'http://x/',
    parameters: params,
  })
})

test('secrets are taken out, also inside of values, and long values are cut', () => {
  const mask = createMask()
  mask.add('s3cret-word')
  const params = {
    user: 'me:s3cret-word',
    content: { key: ['s3cret-word'] },
    long: 'x'.repeat(500),
  }
  const ran = ranTask('+w+call', prepared('http://x/?key=s3cret-word', params), mask)
  expect(JSON.stringify(ran)).not.toContain('s3cret-word')
  expect(ran.command).toBe('http://x/?key=***')
  expect(ran.parameters).toEqual({
    user: 'me:***',
    content: '{"key":["***"]}',
    long: `${'x'.repeat(200)}…`,
  })
})

test('a secret that a cut would end in the middle of is taken out before', () => {
  const mask = createMask()
  mask.add('s3cret-word')
  const { command } = ranTask('+w', prepared(`${'x'.repeat(195)}s3cret-word`, {}), mask)
  expect(command).toBe(`${'x'.repeat(195)}***`)
})
