import { glob, mkdir, readdir, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { StartError } from '../failure.ts'
import { run } from '../processes/run.ts'

export const onPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

/** What is unpacked, for whom, and what to do where that is not possible. */
export interface Unpacking {
  /** Of Debian; those that they need and that are not installed here come along. */
  readonly packages: readonly string[]
  /** Ends "… need", as in "The tests of rb> need Ruby". */
  readonly need: string
  readonly advice: string
}

/** Throws where Debian's packages cannot be had. */
export function requireDebian({ need, advice }: Unpacking): void {
  for (const needed of ['apt-get', 'dpkg-deb']) {
    if (!onPath(needed)) throw new StartError(`${need}, and there is no ${needed} here. ${advice}`)
  }
}

/** Unpacks packages of Debian into a folder, so that neither root nor a change of the machine is needed. */
export async function unpackDebian(folder: string, { packages, advice }: Unpacking): Promise<void> {
  const files = await download(join(folder, 'apt'), packages, advice)
  for (const file of files) {
    await run('dpkg-deb', ['--extract', file, folder], { what: `Unpacking ${file}`, advice })
  }
  await rm(join(folder, 'apt'), { recursive: true })
}

async function download(
  folder: string,
  packages: readonly string[],
  advice: string,
): Promise<readonly string[]> {
  const archives = join(folder, 'cache/archives')
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(archives, 'partial'), { recursive: true })
  // Lists and cache of its own: apt's own may be empty (in an image) or not ours to write.
  const own = [`Dir::State::Lists=${folder}/lists`, `Dir::Cache=${folder}/cache`]
  const options = [...own, 'Debug::NoLocking=1', 'APT::Sandbox::User=root'].flatMap((option) => [
    '--option',
    option,
  ])
  const what = `Downloading ${packages.join(' and ')} with apt-get`
  await run('apt-get', [...options, '-qq', 'update'], { what, advice })
  const install = ['-qq', '--yes', '--no-install-recommends', '--download-only', 'install']
  await run('apt-get', [...options, ...install, ...packages], { what, advice })
  const files = await readdir(archives)
  return files.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name))
}

/** What matches in a folder, as whole paths. */
export async function foundIn(folder: string, pattern: string): Promise<readonly string[]> {
  const places: string[] = []
  for await (const place of glob(pattern, { cwd: folder })) places.push(join(folder, place))
  return places
}
