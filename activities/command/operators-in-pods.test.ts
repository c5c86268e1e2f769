import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Operator, OperatorContext } from '../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../testing/operator-context.ts'
import { createEmbulk } from './embulk.ts'
import { createPy } from './py.ts'
import { createSh } from './sh.ts'
import { createPodExecutor } from './testing/pods.ts'

// The operators know no folder of the worker: they run as well where a command has no file in common with it.

const executor = createPodExecutor()

function contextOf(operator: Operator, params: JsonObject, task: TestTask = {}): TestContext {
  const context = operatorContext(operator, params, task)
  const project: OperatorContext['project'] = {
    ...context.project,
    directory: () => Promise.reject(new Error('no folder of the worker')),
  }
  return { ...context, project }
}

test('sh> runs its script there and stores what that wrote', async () => {
  const sh = createSh(executor)
  const params = {
    _command: `cat here.txt; echo '{"rows": 3}' > "$SUIRO_OUTPUT"; exit $code`,
    _workdir: 'in',
    code: '0',
  }
  const files = { 'in/here.txt': 'found\n' }
  const context = contextOf(sh, params, { files })
  expect(await sh.run(context)).toEqual({ stored: { rows: 3 } })
  expect(context.output()).toBe('found\n')
  const failing = contextOf(sh, { ...params, code: '4' }, { files })
  await expect(sh.run(failing)).rejects.toThrow('Command failed with code 4')
})

test('sh> says what is wrong with what was handed back', async () => {
  const sh = createSh(executor)
  const context = contextOf(sh, { _command: 'mkdir "$SUIRO_OUTPUT"' })
  await expect(sh.run(context)).rejects.toThrow('cannot be stored: it is no plain file')
})

test('py> runs functions and scripts there', async () => {
  const py = createPy(executor)
  const files = { 'm.py': 'import digdag\ndef f(n):\n    digdag.env.store(n=n + 1)\n' }
  const called = await py.run(contextOf(py, { _command: 'm.f', n: 3 }, { files }))
  expect(called.stored).toEqual({ n: 4 })
  const script = 'import digdag\ndigdag.env.store(inline=True)\n'
  expect((await py.run(contextOf(py, { script }))).stored).toEqual({ inline: true })
})

test('embulk> has its configuration there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-embulk-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'embulk'), '#!/bin/sh\ncat "$2"\n')
  await chmod(join(folder, 'embulk'), 0o755)
  const embulk = createEmbulk(executor)
  const params = { _command: 'load.yml', _env: { PATH: `${folder}:/usr/bin:/bin` } }
  const context = contextOf(embulk, params, { files: { 'load.yml': 'in: {type: file}\n' } })
  await embulk.run(context)
  expect(context.output()).toBe('in: {type: file}\n')
})
