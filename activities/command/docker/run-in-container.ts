import type { JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../../failure.ts'
import type { Environment } from '../environment.ts'
import type { TaskCommand } from '../task-command.ts'
import { ask, docker, isReadByDocker, requireEngine } from './cli.ts'
import { provideImage } from './image.ts'
import { readDockerOptions } from './options.ts'

// D1. One task of one session has one container: what a lost worker left of it is removed first.
// D2. When this ends, so has the container, whether it was killed before it existed or while it ran.

/** Runs a command in a container of its own, with the project's folder at the same path. */
export async function runInContainer(command: TaskCommand, container: JsonObject): Promise<number> {
  const options = readDockerOptions(container)
  const { program } = options
  const { root, cwd, name, onOutput, signal } = command
  await requireEngine(program, root)
  const remove = (): Promise<unknown> => ask({ program, args: ['rm', '--force', name], cwd: root })
  await remove()
  const image = await provideImage(options, command)
  signal.throwIfAborted()

  const { args: variables, env } = variablesOf(command.env)
  const mount = `${root}:${root}:rw${options.selinux ? ',z' : ''}`
  const args = [
    ...['run', '--rm', '--init', '--name', name, ...userOf(process)],
    ...['--volume', mount, '--workdir', cwd, ...variables],
    ...[...options.runOptions, image, ...command.command],
  ]
  const cli = new AbortController()
  const stop = (): void => {
    // The engine asks the container's processes to stop, and makes them five seconds later.
    void ask({ program, args: ['stop', '-t', '5', name], cwd: root })
      .catch(() => undefined)
      .finally(() => cli.abort(signal.reason))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    const code = await docker({ program, args, cwd: root, env, onOutput, signal: cli.signal })
    signal.throwIfAborted()
    if (code === ownFailure) {
      throw new OperatorError(
        `Docker could not run the image ${image} (code ${code}); what it said stands above in the log`,
      )
    }
    return code
  } finally {
    signal.removeEventListener('abort', stop)
    // A container that was still being made when the kill came is not left behind.
    if (signal.aborted) await remove().catch(() => undefined)
  }
}

/** `docker run` itself failed; the command has not run. */
const ownFailure = 125

/** Files that the command writes belong to the worker, which removes them. */
const userOf = ({ getuid, getgid }: NodeJS.Process): readonly string[] =>
  getuid === undefined || getgid === undefined ? [] : ['--user', `${getuid()}:${getgid()}`]

/** Values go through the environment of `docker`, so that no list of processes shows them. */
function variablesOf(own: Environment): {
  readonly args: readonly string[]
  readonly env: Environment
} {
  const entries = Object.entries(own)
  const args = entries.flatMap(([name, value]) => [
    '--env',
    isReadByDocker(name) ? `${name}=${value}` : name,
  ])
  return { args, env: Object.fromEntries(entries.filter(([name]) => !isReadByDocker(name))) }
}
