/** Folder part of a path inside a project: `sub` of `sub/a.dig`, empty for a file in the root. */
export const folderOf = (path: string): string => {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

/**
 * A path as it is in a file of `folder`, in terms of the project's root; undefined when it leaves
 * `folder` by `..`.
 */
export function resolvePath(folder: string, path: string): string | undefined {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return undefined
  }
  if (path.startsWith('/') || segments.length === 0) return undefined
  return [...(folder === '' ? [] : [folder]), ...segments].join('/')
}
