import { execFileSync } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'

/** PostgreSQL refuses to run as root, so root lends it this id: `nobody` on Linux. */
const unprivileged = 65_534

type Command = readonly [command: string, args: readonly string[]]

/** How a command is run without being root. */
export interface Identity {
  readonly as: (command: string, args: readonly string[]) => Command
  /** Gives a file or folder to the identity. */
  readonly own: (path: string) => Promise<void>
}

const ourselves: Identity = {
  as: (command, args) => [command, args],
  own: () => Promise.resolve(),
}

const userNamespace = ['--user', `--map-user=${unprivileged}`, `--map-group=${unprivileged}`]

/**
 * In a user namespace: not root inside, but outside our own files stay ours, so that a checkout works in
 * a folder that only root may enter.
 */
const inNamespace: Identity = {
  as: (command, args) => ['unshare', [...userNamespace, '--', command, ...args]],
  own: () => Promise.resolve(),
}

/** As `nobody`, where namespaces are not allowed: the folders above must then be open to everybody. */
const asNobody: Identity = {
  as: (command, args) => [
    'setpriv',
    [
      `--reuid=${unprivileged}`,
      `--regid=${unprivileged}`,
      '--clear-groups',
      '--',
      command,
      ...args,
    ],
  ],
  own: (path) => chown(path, unprivileged, unprivileged),
}

/** Who may run PostgreSQL on `folder`: whoever owns it already, else whom this machine allows. */
export async function unprivilegedIdentity(folder: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return ourselves
  const owner = await stat(folder).then(
    ({ uid }) => uid,
    () => undefined,
  )
  if (owner === unprivileged) return asNobody
  return namespacesAllowed() ? inNamespace : asNobody
}

function namespacesAllowed(): boolean {
  try {
    execFileSync('unshare', [...userNamespace, '--', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
