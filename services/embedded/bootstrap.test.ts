import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { commands } from './commands.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** A checkout in which nothing is installed yet; its lock may name one package at `registry`. */
async function freshCheckout(registry = 'http://127.0.0.1:9'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-checkout-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const files = [
    'package.json',
    'services/embedded/bootstrap.mjs',
    'services/embedded/command-line.mjs',
  ]
  const options = [...commands.values()].map((command) => command.options)
  for (const file of [...files, 'services/embedded/commands.mjs', ...options]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  const dependencies = { absent: '1.0.0' }
  const own = { name: 'suiro', version: '0.1.0', type: 'module', scripts, dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
  const absent = { version: '1.0.0', resolved: `${registry}/absent-1.0.0.tgz` }
  const packages = {
    '': { name: 'suiro', version: '0.1.0', dependencies },
    'node_modules/absent': absent,
  }
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      name: 'suiro',
      version: '0.1.0',
      lockfileVersion: 3,
      requires: true,
      packages,
    }),
  )
  return folder
}

const npm = (folder: string, script: string, ...words: string[]) =>
  spawnSync('npm', ['run', '--silent', script, '--', ...words], { cwd: folder, encoding: 'utf8' })

test('every script that takes arguments is a command with a usage, and says it before anything is installed', async () => {
  const folder = await freshCheckout()
  for (const [name, { options }] of commands) {
    expect(scripts[name]).toBe(`exec node services/embedded/bootstrap.mjs ${name}`)
    const { status, stdout, stderr } = npm(folder, name, '--help')
    expect([name, status, stderr]).toEqual([name, 0, ''])
    expect(stdout).toMatch(new RegExp(`^npm (run )?${name} -- `))
    const understood = (await import(join(root, options))) as { readonly options: object }
    for (const option of Object.keys(understood.options)) expect(stdout).toContain(`  --${option}`)
  }
  expect(existsSync(join(folder, 'node_modules'))).toBe(false)
})

test.each([
  [
    'start',
    ['--no-exmaples', 'now'],
    /^\nThere is no option --no-exmaples\. Did you mean --no-examples\?\n"now" is too much.*\nnpm start -- --help says what there is\.\n$/,
  ],
  ['bench', ['--rounds'], /--rounds needs a value/],
  ['bench', ['--rounds', '--digdag', 'http://x'], /--rounds needs a value/],
  ['bench', ['--rounds', 'few'], /--rounds must be a whole number from 1 on, but is "few"/],
  ['bench', ['sequnce', 'memory'], /There is no measure sequnce\. Did you mean sequence\?/],
  ['histories', ['stear'], /There is no case stear\. Did you mean steer\?/],
  ['retention', ['--now=yes'], /--now takes no value/],
  ['statements', [], /Give the release one name/],
  ['fuzz:api', ['--minutes', 'x'], /--minutes must be a number above 0/],
  ['conformance', ['--at-a-time', '0'], /--at-a-time must be a whole number/],
] as const)('%s %j is refused with 2', (script, words, said) => {
  const { status, stdout, stderr } = npm(root, script, ...words)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(said)
})

test.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
  '%s to npm alone while it installs ends the installation',
  async (signal) => {
    // A registry that never answers.
    const asked = Promise.withResolvers<void>()
    const registry = createServer(() => asked.resolve()).listen(0, '127.0.0.1')
    onTestFinished(() => {
      registry.closeAllConnections()
      registry.close()
    })
    await once(registry, 'listening')
    const { port } = registry.address() as AddressInfo
    const folder = await freshCheckout(`http://127.0.0.1:${port}`)
    const env = { ...process.env, npm_config_cache: join(folder, 'cache') }
    const start = spawn('npm', ['start'], { cwd: folder, env, stdio: 'ignore', detached: true })
    await asked.promise
    start.kill(signal)
    await once(start, 'exit')
    // What is left of it would still hold its connection to the registry.
    const open = (): Promise<number> =>
      new Promise((resolve) => registry.getConnections((_, count) => resolve(count)))
    await expect.poll(open, { timeout: 20_000 }).toBe(0)
  },
)
