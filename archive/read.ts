import { buffer } from 'node:stream/consumers'
import { eachEntry } from './entries.ts'
import type { ArchiveMistake } from './mistakes.ts'
import { buildTree, type ProjectTree } from './tree.ts'

/** A project's files by their paths, links to files among them; a path may lead over links. */
export interface ProjectContents {
  readonly mistakes: readonly ArchiveMistake[]
  has(path: string): boolean
  get(path: string): Buffer | undefined
  keys(): Iterable<string>
}

/** Reads all of an archive into memory. Throws an ArchiveError when it cannot be read. */
export async function readArchive(archive: Uint8Array, maxBytes: number): Promise<ProjectContents> {
  const builder = buildTree()
  const contents = new Map<number, Buffer>()
  await eachEntry(archive, maxBytes, async ({ number, header, content }) => {
    builder.add(header, number)
    if (isFile(header.type)) contents.set(number, await buffer(content))
    return 'go on'
  })
  const tree = builder.finish()
  const get = (path: string): Buffer | undefined => {
    const { node } = tree.resolve(path)
    return node?.kind === 'file' ? contents.get(node.entry) : undefined
  }
  return {
    mistakes: tree.mistakes,
    has: (path) => tree.resolve(path).node?.kind === 'file',
    get,
    keys: () => [...tree.nodes.keys()].filter((path) => get(path) !== undefined),
  }
}

const isFile = (type: string | null | undefined): boolean =>
  type === 'file' || type === 'contiguous-file'

const trees = new WeakMap<Uint8Array, Promise<ProjectTree>>()

/** What an archive holds, without the contents; an archive that is cached is looked through once. */
export function treeOf(archive: Uint8Array, maxBytes: number): Promise<ProjectTree> {
  const known = trees.get(archive)
  if (known !== undefined) return known
  const builder = buildTree()
  const tree = eachEntry(archive, maxBytes, async ({ number, header }) => {
    builder.add(header, number)
    return 'go on'
  }).then(() => builder.finish())
  trees.set(archive, tree)
  return tree
}

/** One file, without the others; undefined where the path names none. */
export async function readFileOf(
  archive: Uint8Array,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const { node } = (await treeOf(archive, maxBytes)).resolve(path)
  if (node?.kind !== 'file') return undefined
  let found: Buffer | undefined
  await eachEntry(archive, maxBytes, async ({ number, content }) => {
    if (number !== node.entry) return 'go on'
    found = await buffer(content)
    return 'stop'
  })
  return found
}
