import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { operatorContext } from '../../testing/operator-context.ts'
import { createCommandExecutor } from '../executor.ts'
import { createEmbulk } from '../embulk.ts'
import { createPy } from '../py.ts'
import { createRb } from '../rb.ts'
import { createSh } from '../sh.ts'

// Only root may lend a command another user's rights; everybody else has the worker's own.
const root = process.getuid?.() === 0

/** A service's data folder and a process of it, each with a secret of its own, and a user for tasks. */
async function service() {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-service-'))
  await chmod(folder, 0o711)
  const home = join(folder, 'task-home')
  const user = { uid: 61_000, gid: 61_000, home }
  await mkdir(home, { mode: 0o700 })
  await chown(home, user.uid, user.gid)
  const secrets = { environment: randomUUID(), key: randomUUID() }
  await writeFile(join(folder, 'secret-key'), secrets.key, { mode: 0o600 })
  const child = spawn('sleep', ['300'], { env: { SUIRO_SECRET_KEY: secrets.environment } })
  await once(child, 'spawn')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })
  return { folder, user, secrets }
}

const hunt = (folder: string): string =>
  [
    'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"',
    `cat ${folder}/* 2>/dev/null`,
    `ls ${folder} 2>/dev/null`,
    'true',
  ].join('\n')

async function output(script: string, ...given: Parameters<typeof createCommandExecutor>) {
  const sh = createSh(createCommandExecutor(...given))
  const files = { 'read.txt': 'of the project' }
  const context = operatorContext(sh, { _command: script, _type: 'sh' }, { files })
  const result = await sh.run(context)
  return { text: context.output(), result }
}

test.runIf(root)(
  "a task's user finds no secret of the service, which the worker's own rights find",
  async () => {
    const { folder, user, secrets } = await service()
    const own = await output(hunt(folder))
    expect(own.text).toContain(secrets.environment)
    expect(own.text).toContain(secrets.key)
    const apart = await output(hunt(folder), 'none', user)
    expect(apart.text).toContain('SUIRO_OUTPUT=')
    expect(apart.text).not.toContain(secrets.environment)
    expect(apart.text).not.toContain(secrets.key)
  },
)

test.runIf(root)('it reads and writes its project, its HOME and its output', async () => {
  const { user } = await service()
  const script = `id -u; cat read.txt; echo more >> read.txt; mkdir new; echo x > ~/kept; cat ~/kept
printf '{"rows": 3}' > "$SUIRO_OUTPUT"; grep NoNewPrivs /proc/self/status`
  const { text, result } = await output(script, 'none', user)
  expect(text).toBe('61000\nof the projectx\nNoNewPrivs:\t1\n')
  expect(result).toEqual({ stored: { rows: 3 } })
})

test.runIf(root)('py> runs so as well', async () => {
  const { user } = await service()
  const py = createPy(createCommandExecutor('none', user))
  const files = {
    'work.py': 'import os, digdag\ndef run(n):\n  digdag.env.store({"uid": os.getuid() + n})\n',
  }
  const params = { _command: 'work.run', _type: 'py', n: 1, python: '/usr/bin/python3' }
  expect(await py.run(operatorContext(py, params, { files }))).toMatchObject({
    stored: { uid: 61_001 },
  })
})

test.runIf(root)('so does py> with a virtual environment of its own', async () => {
  const { folder, user } = await service()
  const venv = join(folder, 'venv')
  // Without pip: nothing is fetched.
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', venv])
  const py = createPy(createCommandExecutor('none', user))
  const files = {
    'work.py':
      'import os, sys, digdag\ndef run():\n  digdag.env.store({"uid": os.getuid(), "prefix": sys.prefix})\n',
  }
  const params = { _command: 'work.run', _type: 'py', python: join(venv, 'bin/python') }
  expect(await py.run(operatorContext(py, params, { files }))).toMatchObject({
    stored: { uid: 61_000, prefix: venv },
  })
})

test.runIf(root)('so does rb>', async () => {
  const { user } = await service()
  const rb = createRb(createCommandExecutor('none', user))
  const files = { 'work.rb': 'def run(n)\n  Digdag.env.store(uid: Process.uid + n)\nend\n' }
  const params = { _command: 'run', _type: 'rb', require: 'work', n: 1 }
  expect(await rb.run(operatorContext(rb, params, { files }))).toMatchObject({
    stored: { uid: 61_001 },
  })
})

test.runIf(root)('so does embulk>, which reads a configuration that holds secrets', async () => {
  const { folder, user } = await service()
  await writeFile(join(folder, 'embulk'), '#!/bin/sh\nid -u\necho $HOME\ncat "$2"\n', {
    mode: 0o755,
  })
  const embulk = createEmbulk(createCommandExecutor('none', user))
  const params = {
    _type: 'embulk',
    _command: 'load.yml',
    _env: { PATH: `${folder}:/usr/bin:/bin` },
  }
  const context = operatorContext(embulk, params, {
    files: { 'load.yml': 'in: {password: "${secret:db.password}"}\n' },
    secrets: { 'db.password': 'pw-98765' },
  })
  await embulk.run(context)
  expect(context.output()).toBe(`61000\n${user.home}\nin: {password: "***"}\n`)
})

test.runIf(root)('a program that is not there is reported as before', async () => {
  const { user } = await service()
  const sh = createSh(createCommandExecutor('none', user))
  const context = operatorContext(
    sh,
    { _command: 'true', _type: 'sh', shell: ['no-such-shell'] },
    {},
  )
  await expect(sh.run(context)).rejects.toThrow('no-such-shell')
})

test.runIf(root)('it may open its output anew by name', async () => {
  const { user } = await service()
  const { text } = await output('echo one > /dev/stderr; echo two > /dev/stdout', 'none', user)
  expect(text).toBe('one\ntwo\n')
})
