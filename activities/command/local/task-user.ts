import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { lchown, readdir, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whose rights a task's commands have, where they are not the worker's own. */
export interface TaskUser {
  readonly uid: number
  readonly gid: number
  /** Their HOME, which they can write. */
  readonly home: string
}

const options = ({ uid, gid }: TaskUser): readonly string[] => [
  ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
  // No program with a set-user-id bit gives back what was taken.
  '--no-new-privs',
]

/** The command as this user runs it. */
export const asTaskUser = (user: TaskUser, command: readonly string[]): readonly string[] => [
  // By its place: a task may have a PATH of its own.
  '/usr/bin/setpriv',
  ...options(user),
  '--',
  ...command,
]

/** Files that change hands at a time. */
const atOnce = 64

// G1. To start a process costs a worker more the more memory it has, so files change hands without one.
// G2. The folder itself comes last: until then nobody but the worker can enter it, and so put a link in the way to
//     something else. One that has been given already is left to `chown`, which looks where it goes.

/** Gives the project's unpacked files to the user; a link itself, never what it leads to. */
export async function giveTo({ uid, gid }: TaskUser, folder: string): Promise<void> {
  const { uid: owner, mode } = await stat(folder)
  if (owner === uid || (mode & 0o077) !== 0) {
    await run('chown', ['-R', '-h', '-P', '--', `${uid}:${gid}`, folder])
    return
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (let from = 0; from < entries.length; from += atOnce) {
    const some = entries.slice(from, from + atOnce)
    await Promise.all(some.map(({ parentPath, name }) => lchown(join(parentPath, name), uid, gid)))
  }
  await lchown(folder, uid, gid)
}

/** Whether this user can enter and write the folder, asked of the machine itself. */
export async function canWork(user: TaskUser, folder: string): Promise<boolean> {
  const [program = '', ...args] = asTaskUser(user, [
    '/bin/sh',
    '-c',
    '[ -w . ] && cd "$1"',
    'sh',
    folder,
  ])
  return run(program, args, { cwd: folder, env: { PATH: '/usr/bin:/bin' } }).then(
    () => true,
    () => false,
  )
}

/** The folders of a PATH that are there, and that the user cannot enter. */
export async function unreachable(user: TaskUser, path: string): Promise<readonly string[]> {
  const open = new Set((await reachable(user, path)).split(delimiter))
  const folders = [...new Set(path.split(delimiter))].filter((folder) => folder !== '')
  return folders.filter((folder) => !open.has(folder) && existsSync(folder))
}

/** Those folders of a PATH that the user can enter: a program in another one would be found and then refused. */
export async function reachable(user: TaskUser, path: string): Promise<string> {
  const look = 'for folder do [ -x "$folder" ] && printf "%s\\0" "$folder"; done; true'
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const [program = '', ...args] = asTaskUser(user, ['/bin/sh', '-c', look, 'sh', ...folders])
  const { stdout } = await run(program, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' } })
  return stdout.split('\0').slice(0, -1).join(delimiter)
}
