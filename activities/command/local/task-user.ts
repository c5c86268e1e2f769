import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
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

/** Gives the project's unpacked files to the user; a link itself, never what it leads to. */
export async function giveTo({ uid, gid }: TaskUser, folder: string): Promise<void> {
  await run('chown', ['-R', '-h', '-P', '--', `${uid}:${gid}`, folder])
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
