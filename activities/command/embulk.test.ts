import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { operatorContext, type TestContext, type TestTask } from '../testing/operator-context.ts'
import { createEmbulk } from './embulk.ts'
import { createCommandExecutor } from './executor.ts'

const embulk = createEmbulk(createCommandExecutor())

const contextOf = (params: JsonObject, task: TestTask = {}): TestContext =>
  operatorContext(embulk, { _type: 'embulk', ...params }, task)

async function output(params: JsonObject, task: TestTask = {}): Promise<string> {
  const context = contextOf(params, task)
  await embulk.run(context)
  return context.output()
}

describe('embulk>', () => {
  // A program named embulk shows what it is given, and fails where its configuration says so.
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suiro-embulk-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    onTestFinished(() => void vi.unstubAllEnvs())
    const program =
      '#!/bin/sh\nfor last; do :; done\necho "$*" | sed "s:/.*/::"; echo "in $(basename "$PWD") $A $JAVA_HOME"; cat "$last"\n! grep -q "type: broken" "$last"\n'
    await writeFile(join(folder, 'embulk'), program)
    await chmod(join(folder, 'embulk'), 0o755)
    vi.stubEnv('PATH', [folder, process.env['PATH']].join(delimiter))
    vi.stubEnv('JAVA_HOME', '/opt/java')
    vi.stubEnv('DATABASE_URL', 'leaked')
  })

  test('runs a file of the project, evaluated and with its secrets, in _workdir', async () => {
    const text = 'in: {type: ${kind}, password: "${secret:db.password}"}\n'
    const printed = await output(
      { _command: 'load.yml', _workdir: 'jobs', _env: { A: 'a' } },
      {
        files: { 'jobs/load.yml': text },
        secrets: { 'db.password': 'pw-98765' },
        render: async (given) => given.replace('${kind}', 'postgresql'),
      },
    )
    expect(printed).toBe(
      'run config.yml\nin jobs a /opt/java\nin: {type: postgresql, password: "***"}\n',
    )
  })

  test('runs what is below config, with options for its Java', async () => {
    const config = { in: { type: 'file', path: '${secret:where}' }, out: { type: 'stdout' } }
    const printed = await output(
      { embulk: { config, jvm_options: ['-Xmx1g', '-Dx=y'] }, _command: null },
      { secrets: { where: 'a: b' } },
    )
    expect(printed).toMatch(/^-J-Xmx1g -J-Dx=y run config.yml\nin suiro-\w+ {2}\/opt\/java\nin:\n/)
    expect(printed).toContain('type: file')
    expect(printed).toContain('out:\n  type: stdout\n')
  })

  test('is given numbers as they are', async () => {
    const numbers = parseJson('{"a": 25000.0, "b": 9007199254740993, "c": [1e20, 1.5, 7]}') as Json
    const printed = await output({ config: { in: numbers } })
    expect(printed).toContain(
      'in:\n  a: 25000.0\n  b: 9007199254740993\n  c:\n    - 100000000000000000000.0\n    - 1.5\n    - 7\n',
    )
  })

  test('fails with the exit code, and says what it needs', async () => {
    await expect(output({ config: { in: { type: 'broken' } } })).rejects.toThrow(
      /^Command failed with code 1$/,
    )
    await expect(output({})).rejects.toThrow(
      'embulk> needs a file of the project ("embulk>: load.yml") or its configuration below "config:"',
    )
    await expect(output({ _command: 'none.yml' })).rejects.toThrow('File not found: none.yml')
  })
})

test('embulk> says what to do where it is not installed', async () => {
  await expect(output({ config: { in: {} }, _env: { PATH: '/nowhere' } })).rejects.toThrow(
    'Cannot run program "embulk": it is not installed on this worker. Install Embulk (https://www.embulk.org) and put it on the PATH of the worker, or give the task an image that has it (docker: {image: …})',
  )
})
