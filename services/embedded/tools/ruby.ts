import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../failure.ts'
import { foundIn, onPath, requireDebian, unpackDebian, type Unpacking } from './debian.ts'
import { once } from './once.ts'

const ruby: Unpacking = {
  packages: ['ruby'],
  need: 'The tests of rb> need Ruby',
  advice:
    'Install Ruby 3 or newer (Debian: apt-get install ruby; macOS: brew install ruby), then run the same command again.',
}

/** The folder with a `ruby` in it that is put before the PATH; undefined where there is one already. */
export async function provideRuby(
  tools: string,
  progress: (text: string) => void,
): Promise<string | undefined> {
  if (onPath('ruby')) return undefined
  requireDebian(ruby)
  const folder = await once(join(tools, 'ruby'), 'Debian, 1', async (draft) => {
    progress('downloading Ruby and its list of packages from Debian (about 20 MB) …')
    await unpackDebian(draft, ruby)
  })
  return join(folder, await writeStarter(folder))
}

/** A `ruby` that finds its libraries in the folder they were unpacked into; answers where it is. */
async function writeStarter(folder: string): Promise<string> {
  const [program] = await foundIn(folder, 'usr/bin/ruby[0-9]*')
  const libraries = await foundIn(folder, 'usr/lib/*-linux-*')
  const modules = await foundIn(
    folder,
    'usr/lib/{,*-linux-*/}ruby/{[0-9]*,vendor_ruby,vendor_ruby/[0-9]*}',
  )
  if (program === undefined) throw new StartError(`Debian's package holds no ruby. ${ruby.advice}`)
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
