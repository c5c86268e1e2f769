import { ArchiveError } from '#archive/errors.ts'
import { UnpackError } from '#archive/unpack.ts'
import { configError } from '../failure.ts'

/** Trouble of the machine that the worker runs on: another try, elsewhere or later, may go well. */
const ours: ReadonlySet<string> = new Set([
  ...['ENOSPC', 'EDQUOT', 'EIO', 'ENOMEM', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'EINTR'],
  ...['EROFS', 'EACCES', 'EPERM', 'ESTALE'],
])

/**
 * What an archive, or the files in it, make impossible fails the task: every try would end the same way.
 * Only what is wrong with our own machine is thrown as it is, and tried again.
 */
export async function asTaskFailure<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UnpackError) throw configError(error.message)
    if (error instanceof ArchiveError) {
      throw configError(
        `The archive of this revision cannot be read: ${error.message}. Push the project again`,
      )
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const bySystem = error instanceof Error && 'syscall' in error
    if (!bySystem || ours.has(code)) throw error
    throw configError(
      `The project's files cannot be laid out: ${error.message}. Rename what is named there, and push again`,
    )
  }
}
