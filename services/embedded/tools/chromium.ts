import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foundIn, requireDebian, unpackDebian, type Unpacking } from './debian.ts'
import { once } from './once.ts'

const chromium: Unpacking = {
  packages: ['chromium', 'fonts-dejavu-core'],
  need: 'The tests of the pages need Chromium',
  advice:
    'Install it (Debian: apt-get install chromium) or name one in SUIRO_CHROMIUM, then run the same command again.',
}

/** A browser for tests, and the environment that it needs. */
export interface Chromium {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
}

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The machine's own Chromium, or Debian's, unpacked into the tools. */
export async function provideChromium(
  tools: string,
  progress: (text: string) => void,
): Promise<Chromium> {
  const named = process.env['SUIRO_CHROMIUM']
  const there = named ?? usual.find((path) => existsSync(path))
  if (there !== undefined) return { program: there, env: {} }
  requireDebian(chromium)
  const folder = await once(join(tools, 'chromium'), 'Debian, 1', async (draft) => {
    progress('downloading Chromium from Debian (about 150 MB) …')
    await unpackDebian(draft, chromium)
  })
  const fonts = join(folder, 'fonts.conf')
  // What is installed here was not unpacked there.
  const places = ['/usr/share/fonts', join(folder, 'usr/share/fonts')]
  const dirs = places.map((place) => `<dir>${place}</dir>`).join('')
  const cache = `<cachedir>${folder}/fonts-cache</cachedir>`
  const otherwise =
    '<match><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>'
  await writeFile(
    fonts,
    `<?xml version="1.0"?><fontconfig>${dirs}${cache}${otherwise}</fontconfig>\n`,
  )
  const libraries = await foundIn(folder, '{usr/,}lib/*-linux-*{,/pulseaudio}')
  return {
    program: join(folder, 'usr/lib/chromium/chromium'),
    env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: fonts },
  }
}
