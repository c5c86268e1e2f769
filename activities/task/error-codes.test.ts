import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSh } from '../command/sh.ts'
import { createCommandExecutor } from '../command/executor.ts'
import { createHttp } from '../http/http.ts'
import { defaultHttpSettings } from '../http/settings.ts'
import { createPg } from '../postgres/pg.ts'
import { createProbe } from '#harness/stage/one-task.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { ownOperator } from './own-operator.ts'

const probe = createProbe()
let stage: Stage
beforeAll(async () => {
  stage = await createStage([
    createSh(createCommandExecutor()),
    createHttp(defaultHttpSettings),
    createPg({ writeObject: () => Promise.reject(new Error('no storage here')) }),
    ownOperator(probe.operator),
  ])
})
afterAll(() => stage.close())

const failed = async (line: string) => {
  const played = await stage.play({ 'case.dig': `+a: {${line}}` })
  const task = played.task('+case+a')
  expect(task.error).not.toBeNull()
  return task.errorCode
}

test.each([
  ['fail>: no', 'FAILED'],
  ['wait>: soon', 'CONFIG'],
  ['nope>: x', 'CONFIG'],
  ['echo>: "${none.at.all}"', 'EXPRESSION'],
  ['call>: none', 'FILE_NOT_FOUND'],
  ['pg>: none.sql, host: h, user: u, database: d', 'FILE_NOT_FOUND'],
  ['sh>: exit 3', 'COMMAND'],
  ['sh>: "true", shell: [/none/sh]', 'COMMAND'],
  ['sh>: "true", _env: {A: "${secret:none}"}', 'SECRET'],
  ['pg>: {data: select 1}, host: 127.0.0.1, port: 1, user: u, database: d', 'UNREACHABLE'],
  ['http>: "http://127.0.0.1:1/", retry: false', 'UNREACHABLE'],
  ['require>: none, session_time: "2001-01-05T00:00:00Z"', 'DEPENDENCY'],
])('%s fails with %s', async (line, code) => {
  expect(await failed(line)).toBe(code)
})

test("a mistake in an operator's code is a DEFECT, whatever else it throws its failure", async () => {
  probe.act = async () => (undefined as unknown as { x: () => never }).x()
  expect(await failed('probe>: 1')).toBe('DEFECT')
  probe.act = async () => {
    throw new Error('the service says no')
  }
  expect(await failed('probe>: 1')).toBe('FAILED')
})

test('a try that succeeds after one that failed has no code', async () => {
  probe.act = async ({ task }) => {
    if (task.retries === 0) throw new Error('not yet')
    return {}
  }
  const played = await stage.play({ 'case.dig': '+a: {probe>: 1, _retry: 1}' })
  expect(played.task('+case+a')).toMatchObject({ state: 'success', errorCode: null, error: null })
})
