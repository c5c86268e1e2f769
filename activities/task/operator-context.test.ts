import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call, createStage, type Stage } from '#harness/stage/play.ts'
import { createProbe, openOne } from '#harness/stage/one-task.ts'
import { push } from '../testing/project.ts'
import { secretOperator } from '../testing/operators.ts'
import { createStore } from '#store/index.ts'

const probe = createProbe()
let stage: Stage
beforeAll(async () => {
  stage = await createStage([secretOperator, probe.operator])
})
afterAll(() => stage.close())

describe('secrets', () => {
  test('are read through grants and mounts, and masked in log and error', async () => {
    const pushed = await push(stage.store, { 'case.dig': '+a: {echo>: 1}' })
    const { id } = pushed.project
    await stage.store.secrets.set(id, 'db.password', 's3cr3t-w0rd')
    await stage.store.secrets.set(id, 'other', 'mounted-value')
    const played = await stage.play({
      'case.dig': `
+a:
  _secrets: {token: other}
  secret>: "\${secret:db.password} and \${secret:token}"
  fail: true`,
    })
    expect(await played.log('+case+a')).not.toMatch(/s3cr3t|mounted/)
    expect(await played.output('+case+a')).toBe('*** and ***\n')
    expect(played.task('+case+a').error).toEqual({ message: 'refused *** and *** (runtime)' })
  })

  test.each([
    ['${secret:db.nothing}', "Secret not found for key: 'db.nothing' (secret not found)"],
    ['${secret:aws.key}', "This operator may not read the secret 'aws.key' (config)"],
    ['${other:x}', "Invalid parametrization: '${other:x}' (config)"],
  ])('%s is refused', async (text, message) => {
    const played = await stage.play({ 'case.dig': `+a: {secret>: "${text}"}` })
    expect(played.task('+case+a').error).toEqual({ message })
  })

  test('that are stored reach later tasks, with a warning', async () => {
    const played = await stage.play({
      'case.dig':
        '+a: {secret>: "${secret:db.password}", store: true}\n+b: {echo>: "${got.length}"}\n+c: {secret>: "x ${secret:db.password}"}',
    })
    expect(await played.output('+case+b')).toBe('11\n')
    expect(await played.log('+case+a')).toMatch(/\[WARN\] .* holds the value of a secret/)
    expect(await played.log('+case+c')).not.toContain('[WARN]')
  })

  test('that another key encrypted fail the task with a sentence that says so', async () => {
    const other = createStore(stage.database.pool, { secretKey: randomBytes(32) })
    const played = await stage.play({ 'case.dig': '+a: {echo>: 1}' })
    const { projectId } = played.attempt
    await other.secrets.set(projectId, 'db.alien', 'value')
    const failed = await stage.play({ 'case.dig': '+a: {secret>: "${secret:db.alien}"}' })
    expect(failed.task('+case+a').error?.['message']).toMatch(
      /^The secret 'db.alien' cannot be decrypted: .* \(config\)$/,
    )
  })

  test('stay as written where an operator does not ask for them', async () => {
    const played = await stage.play({ 'case.dig': '+a: {echo>: "${secret:db.password}"}' })
    expect(await played.output('+case+a')).toBe('${secret:db.password}\n')
  })
})

describe('what an operator is given', () => {
  test('files of its revision, in a folder that is gone afterwards', async () => {
    let folder = ''
    const texts: string[] = []
    probe.act = async ({ project, render }) => {
      texts.push(await project.text('sql/q.sql'))
      folder = await project.directory()
      texts.push(await render(await project.text('./sql/q.sql')))
      return {}
    }
    const played = await stage.play({
      'case.dig': '+a: {probe>: 1, n: 5}',
      'sql/q.sql': 'select ${n}',
    })
    expect(played.end.state).toBe('success')
    expect(texts).toEqual(['select ${n}', 'select 5'])
    expect(folder).not.toBe('')
    expect(existsSync(folder)).toBe(false)
  })

  test('a place to write down what each of its tries uses, also when it fails', async () => {
    const { input, attempt } = await openOne(stage, '+a: {probe>: 1, _retry: 1}')
    probe.act = async ({ usage, task }) => {
      const job = { project: 'p', job: `j${task.retries}` }
      await usage.begin({ kind: 'bigquery', replacement: 0, ...job })
      await usage.end(job, { state: 'failed', reason: 'invalidQuery', bytesBilled: 10n })
      throw new Error('broken')
    }
    const failed = expect.objectContaining({ message: expect.stringContaining('broken') })
    await expect(call(() => stage.activities.runTask(input))).rejects.toEqual(failed)
    const again = { ...input, retries: 1, polls: 2, version: 2 }
    await expect(call(() => stage.activities.runTask(again))).rejects.toEqual(failed)
    const one = { taskId: input.taskId, state: 'failed', reason: 'invalidQuery', bytesBilled: 10n }
    expect(await stage.store.usages.ofAttempt(attempt.id)).toMatchObject([
      { ...one, job: 'j0', retries: 0, polls: 0 },
      { ...one, job: 'j1', retries: 1, polls: 2 },
    ])
  })
})

describe('the cost of a light task', () => {
  test('is a few queries', async () => {
    const { input } = await openOne(stage, '+a: {echo>: "${1 + 1}"}')
    await stage.store.attempts.find(input.attemptId)
    const query = vi.spyOn(stage.database.pool, 'query')
    await call(() => stage.activities.runTask(input))
    const sql = query.mock.calls.map(([text]) => text.trim().split(/\s+/).slice(0, 3).join(' '))
    query.mockRestore()
    expect(sql.length).toBe(4)
  })
})
