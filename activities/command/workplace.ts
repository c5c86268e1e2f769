import { mkdir, mkdtemp, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { configError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'

export interface Workplace {
  /** Where the command runs: the project's folder, or `_workdir` in it. */
  readonly cwd: string
  /** A new folder below the project for scripts and exchange files. */
  readonly scratch: string
}

/** The project's files, unpacked for this run, and a folder for what the operator itself writes. */
export async function workplace(
  { project, config }: Pick<OperatorContext, 'project' | 'config'>,
  operator: string,
): Promise<Workplace> {
  const root = await project.directory()
  const workdir = config.optionalString('_workdir') ?? '.'
  const cwd = resolve(root, workdir)
  if (cwd !== root && !cwd.startsWith(root + sep)) {
    throw configError(`_workdir '${workdir}' is outside of the project`)
  }
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw configError(`_workdir '${workdir}' is not a folder of the project`)
  const temporary = join(root, '.digdag/tmp')
  await mkdir(temporary, { recursive: true })
  return { cwd, scratch: await mkdtemp(join(temporary, `digdag-${operator}-`)) }
}
