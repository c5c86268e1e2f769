import { spawn, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'

// One process for each worker, which nobody kills with it. It is told of process groups that begin and end;
// when its input ends, the worker is gone, and it ends those that are left.
const program = `
trap '' TERM INT HUP
groups=' '
while read -r what group; do
  case $what in
    begin) groups="$groups$group " ;;
    end) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -TERM -$group; done
[ -z "\${groups# }" ] || sleep 5
for group in $groups; do kill -KILL -$group; done`

let guard: ChildProcess | undefined

/** Ends a process group if this process dies before it says that it need not; answers how to say so. */
export function guardGroup(leader: number): () => void {
  tell(`begin ${leader}`)
  return () => tell(`end ${leader}`)
}

function tell(line: string): void {
  const { stdin } = (guard ??= startGuard())
  stdin?.write(`${line}\n`)
}

function startGuard(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', program], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
  })
  const forget = (): void => {
    if (guard === child) guard = undefined
  }
  child.once('error', forget).once('exit', forget)
  child.stdin.on('error', forget)
  // It is not what keeps this process alive.
  child.unref()
  const input = child.stdin as unknown as Socket
  input.unref()
  return child
}
