import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { dockerEnvironment } from './cli.ts'
import { graceSeconds, type Container } from './container.ts'
import { stopMark } from './left.ts'

// Its input ends with the worker. What it reads before that says that nobody is needed.
const program = `
trap '' TERM INT HUP
read -r done && exit
mkdir "$1"
"$2" stop -t ${graceSeconds} "$3"
"$2" rm --force "$3"`

/** Ends a container if this process dies before it says that it need not; answers how to say so. */
export function watchContainer({ program: cli, name }: Container, scratch: string): () => void {
  const child = spawn('/bin/sh', ['-c', program, 'sh', stopMark(scratch), cli, name], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { ...dockerEnvironment() },
    cwd: '/',
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  // It is not what keeps this process alive.
  child.unref()
  const input = child.stdin as unknown as Socket
  input.unref()
  return () => void child.stdin.end('done\n')
}
