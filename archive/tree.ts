import type { Header } from 'tar-stream'
import { mostEntries } from './limits.ts'
import { mistake, type ArchiveMistake } from './mistakes.ts'
import { normalised, pathOf } from './path.ts'

/** What is at a path; a hard link is the file it names. */
export type TreeNode =
  | { readonly kind: 'folder' }
  /** `entry`: the number of the entry with the content. */
  | { readonly kind: 'file'; readonly entry: number; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }

/** An archive's entries as the folder they make, before any of it is written. */
export interface ProjectTree {
  /** By paths from the root; folders that only a path names are there too. */
  readonly nodes: ReadonlyMap<string, TreeNode>
  readonly mistakes: readonly ArchiveMistake[]
  /** The file or folder that a path names, all links followed. */
  resolve(path: string): Resolved
}

export type Resolved =
  | { readonly node: Exclude<TreeNode, { kind: 'link' }> }
  | { readonly node?: never; readonly why: 'missing' | 'outside' | 'loop' }

type Pending = TreeNode | { readonly kind: 'hard'; readonly target: string }

// T1. Of entries with one path the last counts, as when tar writes one over the other.
// T2. Nothing lies below a file or a link: no entry can be written through a link.
// T3. A link is followed as a file system follows it, and never out of the root.

export interface TreeBuilder {
  add(header: Header, entry: number): void
  finish(): ProjectTree
}

export function buildTree(): TreeBuilder {
  const nodes = new Map<string, Pending>()
  const mistakes: ArchiveMistake[] = []
  const wrong = (...what: Parameters<typeof mistake>): void => void mistakes.push(mistake(...what))

  const place = (path: string, node: Pending, name: string): void => {
    const before = nodes.get(path)
    if (before !== undefined && (before.kind === 'folder') !== (node.kind === 'folder')) {
      const below = [...nodes.keys()].find((other) => other.startsWith(`${path}/`))
      return wrong('FILE_AND_FOLDER', path, below ?? '')
    }
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      const above = nodes.get(folder)
      if (above?.kind === 'folder') break
      if (above?.kind === 'link') return wrong('BELOW_LINK', name, folder)
      if (above !== undefined) return wrong('FILE_AND_FOLDER', folder, name)
      nodes.set(folder, { kind: 'folder' })
    }
    nodes.set(path, node)
  }

  const nodeOf = (header: Header, entry: number): Pending | undefined => {
    const { name, type, mode } = header
    const linkname = header.linkname ?? ''
    switch (type) {
      case 'directory':
        return { kind: 'folder' }
      case 'file':
      case 'contiguous-file':
        if (Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse'))) {
          wrong('UNKNOWN_TYPE', name, 'a sparse file')
          return undefined
        }
        return { kind: 'file', entry, mode: mode ?? 0o644 }
      case 'symlink':
        if (linkname.startsWith('/')) {
          wrong('LINK_OUTSIDE', name, linkname)
          return undefined
        }
        return { kind: 'link', target: linkname }
      case 'link': {
        const target = normalised(linkname)
        if (target === undefined) {
          wrong('LINK_OUTSIDE', name, linkname)
          return undefined
        }
        // What the target is now: a later entry of its name is another file.
        const now = nodes.get(target)
        if (now?.kind !== 'folder') return now ?? { kind: 'hard', target }
        wrong('LINK_TO_FOLDER', name, linkname)
        return undefined
      }
      case 'fifo':
      case 'block-device':
      case 'character-device':
      default:
        // Types that the reader has no word for come as null.
        wrong('UNKNOWN_TYPE', name, (type as string | null) === null ? unknownType : `a ${type}`)
        return undefined
    }
  }

  const settleHardLink = (path: string, first: string): void => {
    const seen = new Set([path])
    let target = first
    let node = nodes.get(target)
    while (node?.kind === 'hard' && !seen.has(target)) {
      seen.add(target)
      target = node.target
      node = nodes.get(target)
    }
    if (node === undefined) wrong('LINK_WITHOUT_TARGET', path, first)
    else if (node.kind === 'hard') wrong('LINK_LOOP', path, first)
    else if (node.kind === 'folder') wrong('LINK_TO_FOLDER', path, first)
    else return void nodes.set(path, node)
    nodes.delete(path)
  }

  return {
    add(header, entry) {
      const path = pathOf(header.name)
      if (typeof path !== 'string') return void mistakes.push(path)
      if (nodes.size > mostEntries) return
      const node = nodeOf(header, entry)
      if (node === undefined) return
      if (path !== '') return place(path, node, header.name)
      if (node.kind !== 'folder') wrong('EMPTY_NAME')
    },
    finish() {
      if (nodes.size > mostEntries) wrong('TOO_MANY')
      for (const [path, node] of nodes) {
        if (node.kind === 'hard') settleHardLink(path, node.target)
      }
      const settled = nodes as ReadonlyMap<string, TreeNode>
      const resolve = (path: string): Resolved => follow(settled, path)
      for (const [path, node] of settled) {
        if (node.kind !== 'link') continue
        const folder = path.slice(0, path.lastIndexOf('/') + 1)
        const found = node.target === '' ? missing : resolve(`${folder}${node.target}`)
        if (found.node !== undefined) continue
        if (found.why === 'outside') wrong('LINK_OUTSIDE', path, node.target)
        else if (found.why === 'loop') wrong('LINK_LOOP', path, node.target)
        else wrong('LINK_WITHOUT_TARGET', path, node.target)
      }
      return { nodes: settled, mistakes, resolve }
    },
  }
}

const unknownType = 'of a type that only some tar programs know'
const missing: Resolved = { why: 'missing' }

/** As many links in a row as Linux follows. */
const mostHops = 40

function follow(nodes: ReadonlyMap<string, TreeNode>, path: string): Resolved {
  const todo = path.split('/').reverse()
  let here = ''
  let hops = 0
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (here === '') return { why: 'outside' }
      here = here.slice(0, Math.max(0, here.lastIndexOf('/')))
      continue
    }
    const next = here === '' ? part : `${here}/${part}`
    const node = nodes.get(next)
    if (node === undefined) return missing
    if (node.kind === 'link') {
      if (++hops > mostHops) return { why: 'loop' }
      todo.push(...node.target.split('/').reverse())
      continue
    }
    if (node.kind === 'file') return todo.length === 0 ? { node } : missing
    here = next
  }
  const node = here === '' ? { kind: 'folder' as const } : nodes.get(here)
  return node === undefined || node.kind === 'link' ? missing : { node }
}
