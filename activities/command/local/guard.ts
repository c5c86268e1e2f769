import { spawn, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { markVariable } from './marked.ts'

// One process for each worker, which nobody kills with it. It is notified of commands that begin and end, each by
// its process group and its mark;
// when its input ends, the worker is gone, and it ends those that are left.
const program = `
trap '' TERM INT HUP
commands=' '
while read -r what command; do
  case $what in
    begin) commands="$commands$command " ;;
    end) commands="\${commands%% $command *} \${commands#* $command }" ;;
  esac
done
send() {
  for command in $commands; do
    kill -$1 -- -\${command%%:*}
    for file in $(grep -lzx "${markVariable}=\${command#*:}" /proc/[0-9]*/environ 2>/dev/null); do
      file=\${file#/proc/}
      kill -$1 \${file%/environ}
    done
  done
}
send TERM
[ -z "\${commands# }" ] || sleep 5
send KILL`

let guard: ChildProcess | undefined

/** Ends a command's processes if this one dies before it says that it need not; answers how to say so. */
export function guardGroup(leader: number, mark: string): () => void {
  const command = `${leader}:${mark}`
  write(`begin ${command}`)
  return () => write(`end ${command}`)
}

function write(line: string): void {
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
