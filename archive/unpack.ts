import { createWriteStream } from 'node:fs'
import { link, mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { eachEntry } from './entries.ts'
import type { ArchiveMistake } from './mistakes.ts'
import { treeOf } from './read.ts'

/** The archive cannot become a folder; the message names every mistake in it. */
export class UnpackError extends Error {
  constructor(mistakes: readonly ArchiveMistake[]) {
    const [first, ...more] = mistakes.map(({ message }) => message)
    super(
      `The archive of this revision cannot be unpacked: ${first}${more.length === 0 ? '' : ` (and ${more.length} more)`}. Fix it and push again`,
    )
    this.name = 'UnpackError'
  }
}

/** Extracts an archive into a folder that is there and empty. */
export async function unpackInto(
  root: string,
  archive: Uint8Array,
  maxBytes: number,
): Promise<void> {
  const { nodes, mistakes } = await treeOf(archive, maxBytes)
  // A link to nothing harms nobody, and revisions pushed before it was a mistake may have some.
  const refused = mistakes.filter(({ code }) => code !== 'LINK_WITHOUT_TARGET')
  if (refused.length > 0) throw new UnpackError(refused)

  const places = Map.groupBy(
    [...nodes].flatMap(([name, node]) =>
      node.kind === 'file' ? [{ place: path.join(root, name), node }] : [],
    ),
    ({ node }) => node.entry,
  )
  for (const [name, node] of nodes) {
    if (node.kind === 'folder') await mkdir(path.join(root, name), { recursive: true })
  }
  await eachEntry(archive, maxBytes, async ({ number, content }) => {
    const [first, ...others] = places.get(number) ?? []
    if (first === undefined) return 'go on'
    const mode = (first.node.mode & 0o777) | 0o600
    await pipeline(content, createWriteStream(first.place, { flags: 'wx', mode }))
    for (const { place } of others) await link(first.place, place)
    return 'go on'
  })
  // Links come last, so that no file is written through one.
  for (const [name, node] of nodes) {
    if (node.kind === 'link' && node.target !== '') {
      await symlink(node.target, path.join(root, name))
    }
  }
}
