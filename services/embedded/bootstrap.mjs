// @ts-check
// The first step of `npm start` and `npm test`, before anything is installed: it runs on Node 20.3 and
// newer without a single package. It installs the locked dependencies (Node 24 is among them), then
// hands over to the command's own program under that Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = join(root, 'node_modules/.suiro-installed')

/** @param {string} message @returns {never} */
function stop(message) {
  process.stderr.write(`\n${message}\n`)
  process.exit(1)
}

/** @param {string} version @returns {[number, number]} */
const majorMinor = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return [major, minor]
}

const [major, minor] = majorMinor(process.version)
if (major < 20 || (major === 20 && minor < 3)) {
  stop(`Suiro needs Node 20.3 or newer to begin with; this is ${process.version}.`)
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const installing = !existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock
if (installing) {
  console.log('Installing the locked dependencies with npm (about 800 MB, a minute or two) …')
  const began = Date.now()
  // Under an older Node npm warns of each package that wants a newer one; ours is among what it installs.
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', ['ci', ...quietly], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    stop(
      'npm could not install the dependencies; its own message is above.\n' +
        'Check that the npm registry can be reached, then run the same command again.',
    )
  }
  writeFileSync(stamp, lock)
  console.log(`Installed in ${Math.round((Date.now() - began) / 1000)} s.`)
}

/** Node 24 from the dependencies, or the one that runs now if it is new enough. */
function newNode() {
  const require = createRequire(join(root, 'package.json'))
  try {
    return require.resolve(`node-${process.platform}-${process.arch}/bin/node`)
  } catch {
    if (major >= 24) return process.execPath
    return stop(
      `There is no packaged Node 24 for ${process.platform} ${process.arch}: install Node 24 or newer (this is ${process.version}) and run the same command again.`,
    )
  }
}

const node = newNode()
const [command = 'start', ...args] = process.argv.slice(2)
const programs = new Map([
  ['bench', 'bench/main.ts'],
  ['histories', 'harness/histories/main.ts'],
])
const program = programs.get(command)
const words = program === undefined ? ['services/embedded/main.ts', command] : [program]
const env = {
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
  ...process.env,
  // Everything that is started from here on finds the same Node and the installed tools first.
  PATH: [dirname(node), join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
}
// If it does not work, each process compiles for itself, and says what is wrong with it.
const mains = ['embedded', 'api', 'worker'].map((name) => `services/${name}/main.ts`)
if (installing) spawnSync(node, ['services/shared/compile.ts', ...mains], { cwd: root, env })
const child = spawn(node, [...words, ...args], { cwd: root, stdio: 'inherit', env })
// In a terminal Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on.
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => child.kill(signal))
}
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT')
})
child.on('exit', (code, signal) => {
  process.exit(code ?? (signal === null ? 1 : 128))
})
