import { posix } from 'node:path'
import type { Fence } from './fences.ts'

/** Test code may look at everything; nothing else may look at it. */
export const isTest = (path: string): boolean =>
  /\.test\.ts$|(^|\/)(testing|e2e|fuzz|recordings|fixtures)(\/|\.ts$)/.test(path)

/** What an import comes to: a path from the root of the project; undefined for a package. */
export function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}

/** The folder of a list that a path is in, the innermost one. */
const folderOf = (path: string, folders: readonly string[]): string | undefined =>
  folders
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0]

/** Holds an import against the fences: a sentence where it crosses one. Paths are from the root, with `/`. */
export function judgeImport(
  from: string,
  specifier: string,
  fences: Readonly<Record<string, Fence>>,
): string | undefined {
  if (isTest(from)) return undefined
  const folders = Object.keys(fences)
  const own = folderOf(from, folders)
  if (own === undefined) {
    return from.includes('/') ? `${from} is in a folder without a fence` : undefined
  }
  const { may, packages, why } = fences[own]!
  const path = resolve(from, specifier)
  if (path === undefined) {
    if (packages.some((known) => isPackage(specifier, known))) return undefined
    return `${own}/ does not know ${specifier}: ${why}`
  }
  if (may.includes('**')) return undefined
  const target = folderOf(path, [...folders, ...may]) ?? path
  if (target !== own && !may.includes(target)) {
    return `${own}/ does not import from ${target}: ${why}`
  }
  if (isTest(path) && !isTest(`${target}/`)) return `${path} is for tests only`
  return undefined
}

const isPackage = (name: string, known: string): boolean =>
  known === '**' || name === known || name.startsWith(/[:/]$/.test(known) ? known : `${known}/`)
