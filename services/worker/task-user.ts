import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { canWork, giveTo, unreachable, type TaskUser } from '#activities/command/local/task-user.ts'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { type WorkerConfig } from './config.ts'

/** No user of a usual system: PostgreSQL may run as `nobody`, so that one is not taken. */
const chosen = { uid: 61_000, gid: 61_000 }

/**
 * Whom commands run as: a user of their own where the worker is root and that user can enter the working
 * folders, else the worker itself. Says in one line what holds.
 */
export async function chooseTaskUser(
  { home, taskUser }: Pick<WorkerConfig, 'home' | 'taskUser'>,
  temporary: string,
  say: (line: string) => void,
): Promise<TaskUser | undefined> {
  const own = (why: string): undefined => {
    say(
      `Tasks' commands run with the worker's own rights (${why}): they can read what the worker can read`,
    )
  }
  if (taskUser === 'none') return own('SUIRO_TASK_USER=none')
  if (process.getuid?.() !== 0) {
    if (taskUser === undefined) return own('it is not root')
    throw new ConfigError('The worker', [
      'SUIRO_TASK_USER names a user, but only a worker that is root may change users',
    ])
  }
  const user = { ...(taskUser ?? chosen), home: join(home, 'task-home') }
  for (const folder of [home, temporary]) {
    await mkdir(folder, { recursive: true, mode: 0o711 })
    // Others may go through it to what is theirs; what they see on the way stays as it was.
    await chmod(folder, (await stat(folder)).mode | 0o011)
  }
  await mkdir(user.home, { recursive: true })
  await chown(user.home, user.uid, user.gid)
  await chmod(user.home, 0o700)
  const trial = await mkdtemp(join(temporary, 'suiro-trial-'))
  try {
    await giveTo(user, trial)
    if (await canWork(user, trial)) {
      say(`Tasks' commands run as user ${user.uid}, who cannot read what is the worker's`)
      const closed = await unreachable(user, process.env['PATH'] ?? '')
      if (closed.length > 0) {
        say(
          `Programs in ${closed.join(', ')} are not there for them, since that user cannot enter these folders of PATH: open them (chmod o+x, also the folders above), or set SUIRO_TASK_USER=none`,
        )
      }
      return user
    }
  } finally {
    await rm(trial, { recursive: true, force: true })
  }
  const why = `user ${user.uid} cannot work in ${temporary}; a folder above it is closed, or setpriv is missing`
  if (taskUser !== undefined) throw new ConfigError('The worker', [`SUIRO_TASK_USER: ${why}`])
  return own(why)
}
