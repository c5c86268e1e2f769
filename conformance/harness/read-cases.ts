import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { ConformanceCase, Expected } from './conformance-case.ts'

const root = fileURLToPath(new URL('../cases/', import.meta.url))

/** All cases in order of name, or those whose name holds the pattern. */
export function readCases(only = ''): readonly ConformanceCase[] {
  return readdirSync(root)
    .filter((name) => name.includes(only))
    .sort()
    .map((name) => {
      const folder = join(root, name)
      const text = readFileSync(join(folder, 'expected.json'), 'utf8')
      return { name, files: filesOf(folder), expected: parseJson(text) as Expected }
    })
}

function filesOf(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'expected.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return new Map(
    paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]),
  )
}

/** A case's project: without the folders that later steps push over it. */
export function projectFiles(one: ConformanceCase, pushed?: string): Record<string, string> {
  const folders = (one.expected.next ?? []).flatMap((step) => step.pushed ?? [])
  const first = [...one.files].filter(
    ([path]) => !folders.some((folder) => path.startsWith(`${folder}/`)),
  )
  const over = [...one.files].flatMap(([path, text]) =>
    pushed !== undefined && path.startsWith(`${pushed}/`)
      ? [[path.slice(pushed.length + 1), text] as const]
      : [],
  )
  return Object.fromEntries([...first, ...over])
}
