import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const lines = read('.dockerignore')
  .split('\n')
  .map((line) => line.trim())
const given = lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
const leftOut = lines.filter((line) => line !== '' && line !== '*' && !line.startsWith('!'))

/** What an image copies from the checkout. */
const copied = (file: string): readonly string[] =>
  [...read(file).matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) =>
    words!.split(' ').slice(0, -1),
  )

/** Code of a folder, without its tests. */
const sourcesBelow = (folder: string): readonly string[] =>
  globSync(`${folder}/**/*.ts`, { cwd: root }).filter(
    (path) => !/\.test\.ts$|\/(testing|e2e|fuzz|recordings)\//.test(path),
  )

test.each(['services/api/Dockerfile', 'services/worker/Dockerfile'])(
  '%s copies only what is there and is given to the build',
  (file) => {
    const sources = copied(file)
    expect(sources.length).toBeGreaterThan(5)
    const missing = sources.filter(
      (source) =>
        !existsSync(join(root, source)) ||
        !given.some((path) => source === path || source.startsWith(`${path}/`)) ||
        leftOut.some((path) => source === path || source.startsWith(`${path}/`)),
    )
    expect(missing).toEqual([])
  },
)

test('an image has every folder that its code imports', () => {
  const images = {
    'services/api': 'services/api/Dockerfile',
    'services/worker': 'services/worker/Dockerfile',
  }
  const missing: string[] = []
  for (const [folder, file] of Object.entries(images)) {
    const sources = copied(file)
    const needed = new Set<string>()
    for (const path of sourcesBelow(folder)) {
      for (const [, target] of read(path).matchAll(/from '#([\w-]+)\//g)) needed.add(target!)
    }
    for (const top of needed) {
      if (top === 'services') continue
      if (!sources.some((source) => source === top || source.startsWith(`${top}/`))) {
        missing.push(`${file}: ${top}`)
      }
    }
  }
  expect(missing).toEqual([])
})
