import { chmod, glob, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { StartError } from '../failure.ts'
import { run } from '../processes/run.ts'
import { once } from './once.ts'

const advice =
  'Install Ruby 3 or newer (Debian: apt-get install ruby; macOS: brew install ruby), then run the same command again.'

/**
 * The folder with a `ruby` in it that is put before the PATH; undefined where there is one already. Debian's
 * own packages are unpacked into the tools, so that neither root nor a change of the machine is needed.
 */
export async function provideRuby(
  tools: string,
  progress: (text: string) => void,
): Promise<string | undefined> {
  if (onPath('ruby')) return undefined
  for (const needed of ['apt-get', 'dpkg-deb']) {
    if (!onPath(needed)) {
      throw new StartError(`The tests of rb> need Ruby, and there is no ${needed} here. ${advice}`)
    }
  }
  const folder = await once(join(tools, 'ruby'), 'Debian, 1', async (draft) => {
    progress('downloading Ruby and its list of packages from Debian (about 20 MB) …')
    const packages = await download(join(draft, 'apt'))
    for (const file of packages) {
      await run('dpkg-deb', ['--extract', file, draft], { what: `Unpacking ${file}`, advice })
    }
    await rm(join(draft, 'apt'), { recursive: true })
  })
  return join(folder, await writeStarter(folder))
}

const onPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

/** Ruby's packages and those they need that are not installed here. */
async function download(folder: string): Promise<readonly string[]> {
  const archives = join(folder, 'cache/archives')
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(archives, 'partial'), { recursive: true })
  // Lists and cache of its own: apt's own may be empty (in an image) or not ours to write.
  const own = [`Dir::State::Lists=${folder}/lists`, `Dir::Cache=${folder}/cache`]
  const options = [...own, 'Debug::NoLocking=1', 'APT::Sandbox::User=root'].flatMap((option) => [
    '--option',
    option,
  ])
  const what = 'Downloading Ruby with apt-get'
  await run('apt-get', [...options, '-qq', 'update'], { what, advice })
  const install = ['-qq', '--yes', '--no-install-recommends', '--download-only', 'install', 'ruby']
  await run('apt-get', [...options, ...install], { what, advice })
  const files = await readdir(archives)
  return files.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name))
}

/** A `ruby` that finds its libraries in the folder they were unpacked into; answers where it is. */
async function writeStarter(folder: string): Promise<string> {
  const found = async (pattern: string): Promise<readonly string[]> => {
    const places: string[] = []
    for await (const place of glob(pattern, { cwd: folder })) places.push(join(folder, place))
    return places
  }
  const [program] = await found('usr/bin/ruby[0-9]*')
  const libraries = await found('usr/lib/*-linux-*')
  const modules = await found('usr/lib/{,*-linux-*/}ruby/{[0-9]*,vendor_ruby,vendor_ruby/[0-9]*}')
  if (program === undefined) throw new StartError(`Debian's package holds no ruby. ${advice}`)
  const starter = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH='${libraries.join(':')}' RUBYLIB='${modules.join(':')}'`,
    `exec '${program}' "$@"`,
  ]
  await mkdir(join(folder, 'starter'), { recursive: true })
  const file = join(folder, 'starter/ruby')
  await writeFile(file, `${starter.join('\n')}\n`)
  await chmod(file, 0o755)
  return 'starter'
}
