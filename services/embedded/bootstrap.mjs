// @ts-check
// The first step of `npm start`, `npm test` and the other commands, before anything is installed: it runs on Node 20.3
// and newer without a single package. It answers `--help` and refuses what it does not understand, installs the locked
// dependencies (Node 24 is among them), then hands over to the command's own program under that Node.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asksForHelp, readCommandLine } from './command-line.mjs'
import { commands } from './commands.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = join(root, 'node_modules/.suiro-installed')

/** @param {string} message @param {number} code @returns {never} */
function stop(message, code = 1) {
  process.stderr.write(`\n${message}\n`)
  process.exit(code)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 3)) {
  stop(`Suiro needs Node 20.3 or newer to begin with; this is ${process.version}.`)
}

const [name = 'start', ...args] = process.argv.slice(2)
const command = commands.get(name)
if (command === undefined) {
  stop(`There is no command ${name}; there are ${[...commands.keys()].join(', ')}.`, 2)
}
const understood = await import(join(root, command.options))
if (asksForHelp(args)) {
  process.stdout.write(`${understood.usage}\n`)
  process.exit(0)
}
if (understood.passesOn !== true) await refuseMistakes()

/** What is running for us now: it gets the signals that we get. */
let child = /** @type {import('node:child_process').ChildProcess | undefined} */ (undefined)
/** @type {NodeJS.Signals | undefined} */
let asked
/** Whether it is given two seconds to end, or as long as it needs. */
let hasTime = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  // From a terminal Ctrl-C reaches the child by itself too; it takes both for one.
  process.on(signal, () => {
    asked = signal
    passOn(signal)
  })
}
// npm passes on SIGINT and SIGTERM alone: of anything else that ends it we see that we have got another parent.
const parent = process.ppid
if (process.env['npm_lifecycle_event'] !== undefined) {
  setInterval(() => {
    if (process.ppid !== parent && asked === undefined) process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const installing = !existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock
if (installing) await install()
const node = newNode()
const env = {
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
  ...process.env,
  // Everything that is started from here on finds the same Node and the installed tools first.
  PATH: [dirname(node), join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
}
// If it does not work, each process compiles for itself, and says what is wrong with it.
const mains = ['embedded', 'api', 'worker'].map((process) => `services/${process}/main.ts`)
if (installing) await run(node, ['services/shared/compile.ts', ...mains], { env })
// By the channel it notices that we are gone, however that came.
hasTime = true
const { code, signal } = await run(node, [...command.program, ...args], {
  env,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
})
if (signal !== null && asked === undefined && name === 'start') {
  stop(`npm start was ended by ${signal}; what it left running is stopped by the next npm start.`)
}
process.exit(code ?? 128)

/** @param {NodeJS.Signals} signal */
function passOn(signal) {
  const ending = child
  ending?.kill(signal)
  // npm first waits for what it has asked the registry for.
  if (!hasTime) setTimeout(() => ending?.kill('SIGKILL'), 2000).unref()
}

async function refuseMistakes() {
  const { mistakes } = readCommandLine(args, understood)
  if (mistakes.length === 0) return
  // Only a newer Node reads it as it is; an older one refuses without the hint.
  const nearest = await import('../../workflows/dig/did-you-mean.ts').then(
    (module) => module.nearest,
    () => undefined,
  )
  const said = readCommandLine(args, understood, nearest).mistakes
  const script = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`
  stop(`${said.join('\n')}\n${script} -- --help says what there is.`, 2)
}

async function install() {
  console.log('Installing the locked dependencies with npm (about 800 MB, a minute or two) …')
  const began = Date.now()
  // Under an older Node npm warns of each package that wants a newer one; ours is among what it installs.
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
  const shell = process.platform === 'win32'
  const installed = await run('npm', ['ci', ...quietly], { stdio: 'inherit', shell })
  if (asked !== undefined) {
    stop('Stopped while it installed; the same command begins the installation anew.', 130)
  }
  if (installed.code !== 0) {
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

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} words
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
async function run(program, words, options) {
  const running = spawn(program, [...words], { cwd: root, ...options })
  child = running
  // One that came between two programs.
  if (asked !== undefined) passOn(asked)
  return new Promise((resolve) => {
    running.once('error', () => resolve({ code: 1, signal: null }))
    running.once('exit', (code, signal) => resolve({ code, signal }))
  })
}
