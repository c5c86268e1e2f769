import { existsSync, readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fences } from '../fences/fences.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Folders at the top whose files a text names by their paths from there. */
const tops = [...new Set([...Object.keys(fences), 'docs'].map((folder) => folder.split('/')[0]!))]

/** Links to other files, and what is in backquotes and looks like a path of ours. */
function namedIn(text: string): readonly { readonly name: string; readonly isLink: boolean }[] {
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)/g)].map(([, name]) => name!)
  const quoted = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
    .map(([, name]) => name!)
    .filter((name) => tops.some((top) => name.startsWith(`${top}/`)))
  return [
    ...links.map((name) => ({ name, isLink: true })),
    ...quoted.map((name) => ({ name, isLink: false })),
  ]
}

test('every file that a page names is there', async () => {
  const missing: string[] = []
  let seen = 0
  for await (const page of glob(
    '{*.md,{docs,services,workflows,activities,store,archive,client,harness,conformance,examples,bench,infra}/**/*.md}',
    { cwd: root },
  )) {
    for (const { name, isLink } of namedIn(readFileSync(join(root, page), 'utf8'))) {
      seen += 1
      const from = isLink ? join(root, dirname(page), decodeURI(name)) : join(root, name)
      const near = isLink ? from : join(root, dirname(page), name)
      if (!existsSync(from) && !existsSync(near)) missing.push(`${page}: ${name}`)
    }
  }
  expect(seen).toBeGreaterThan(500)
  expect(missing).toEqual([])
})

/** Of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

test('every part of a page that a comment names is there', async () => {
  const anchors = (page: string): ReadonlySet<string> =>
    new Set(
      [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
        anchorOf(heading!),
      ),
    )
  const missing: string[] = []
  let seen = 0
  for await (const file of glob(
    '{services,workflows,activities,store,archive,client,harness,examples}/**/*.ts',
    { cwd: root },
  )) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [named, page, anchor] of text.matchAll(/\b(docs\/[\w./-]+\.md)(?:#([\w-]+))?/g)) {
      seen += 1
      const there = existsSync(join(root, page!))
      if (!there || (anchor !== undefined && !anchors(page!).has(anchor))) {
        missing.push(`${file}: ${named}`)
      }
    }
  }
  expect(seen).toBeGreaterThan(20)
  expect(missing).toEqual([])
})
