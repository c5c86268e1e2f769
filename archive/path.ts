import { posix } from 'node:path'
import { longestName, longestPath } from './limits.ts'
import { mistake, type ArchiveMistake } from './mistakes.ts'

/** An entry's path from the project's root, `''` for the root itself; or what is wrong with its name. */
export function pathOf(name: string): string | ArchiveMistake {
  if (name === '') return mistake('EMPTY_NAME')
  // What is no UTF-8 has been read as replacement characters.
  if (name.includes('\u{FFFD}')) return mistake('NOT_UTF8', name)
  if (name.includes('\0')) return mistake('NUL_IN_NAME', name)
  const path = normalised(name)
  if (path === undefined) return mistake('OUTSIDE', name)
  const parts = path.split('/')
  if (parts.some((part) => Buffer.byteLength(part) > longestName)) {
    return mistake('NAME_TOO_LONG', name)
  }
  return Buffer.byteLength(path) > longestPath ? mistake('PATH_TOO_LONG', name) : path
}

/** `./a//b/` is `a/b`; undefined when it is not below the root. */
export function normalised(name: string): string | undefined {
  const path = posix.normalize(name).replace(/\/$/, '')
  if (path.startsWith('/') || name.startsWith('/') || path === '..' || path.startsWith('../')) {
    return undefined
  }
  return path === '.' ? '' : path
}
