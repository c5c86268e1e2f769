import { mkdir, mkdtemp, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { configError } from '../../failure.ts'
import type { PlaceRequest } from '../place.ts'

/** Folders of this machine, all absolute. */
export interface ProjectFolder {
  /** Where the project is unpacked. */
  readonly root: string
  /** In `root`: where the command runs. */
  readonly cwd: string
  /** In `root`: a new folder for scripts and exchange files. */
  readonly scratch: string
}

/** Unpacks the project for this run, and makes a folder in it for what the operator itself writes. */
export async function projectFolder({
  project,
  workdir,
  operator,
}: Pick<PlaceRequest, 'project' | 'workdir' | 'operator'>): Promise<ProjectFolder> {
  const root = await project.directory()
  const cwd = resolve(root, workdir)
  if (cwd !== root && !cwd.startsWith(root + sep)) {
    throw configError(`_workdir '${workdir}' is outside of the project`)
  }
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw configError(`_workdir '${workdir}' is not a folder of the project`)
  return { root, cwd, scratch: await scratchFolder(root, operator) }
}

const scratchFolder = async (root: string, operator: string): Promise<string> =>
  mkdtemp(join(await temporaryFolder(root), `digdag-${operator}-`))

/** Digdag's own place, or where the project has a file of that name, one that it cannot have. */
export async function temporaryFolder(root: string): Promise<string> {
  const usual = join(root, '.digdag/tmp')
  try {
    await mkdir(usual, { recursive: true })
    // A link of the project's may lead anywhere.
    if ((await realpath(usual)) === join(await realpath(root), relative(root, usual))) return usual
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!['EEXIST', 'ENOTDIR', 'ELOOP', 'ENOENT'].includes(code)) throw error
  }
  return mkdtemp(join(root, '.digdag-tmp-'))
}
