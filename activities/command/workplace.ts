import { mkdir, mkdtemp, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext } from '../task/operator.ts'
import type { TaskCommand } from './task-command.ts'

export interface Workplace extends Pick<TaskCommand, 'root' | 'cwd' | 'name' | 'container'> {
  /** A new folder below the project for scripts and exchange files. */
  readonly scratch: string
}

/** The project's files, unpacked for this run, and a folder for what the operator itself writes. */
export async function workplace(
  { project, task }: Pick<OperatorContext, 'project' | 'task'>,
  config: Config,
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
  const temporary = await temporaryFolder(root)
  return {
    root,
    cwd,
    scratch: await mkdtemp(join(temporary, `digdag-${operator}-`)),
    name: `suiro-${task.sessionUuid}-${task.taskId}`,
    container: config.optionalObject('docker'),
  }
}

/** Digdag's own place, or where the project has a file of that name, one that it cannot have. */
export async function temporaryFolder(root: string): Promise<string> {
  const usual = join(root, '.digdag/tmp')
  try {
    await mkdir(usual, { recursive: true })
    return usual
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!['EEXIST', 'ENOTDIR', 'ELOOP', 'ENOENT'].includes(code)) throw error
    return mkdtemp(join(root, '.digdag-tmp-'))
  }
}
