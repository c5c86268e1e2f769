import { OperatorError } from '../../failure.ts'
import type { Environment } from '../environment.ts'
import type { ProjectFolder } from '../folder/project-folder.ts'
import type { PlaceRequest } from '../place.ts'
import { docker, isReadByDocker } from './cli.ts'
import type { Container } from './container.ts'
import { labelsOf } from './left.ts'
import type { readDockerOptions } from './options.ts'
import { stoppable } from './stoppable.ts'
import { watchContainer } from './watch.ts'

interface Run {
  readonly folder: ProjectFolder
  readonly options: ReturnType<typeof readDockerOptions>
  readonly image: string
  readonly request: PlaceRequest
  readonly command: readonly string[]
  /** The task's own variables. */
  readonly own: Environment
}

/** Runs a command in a container of its own and answers its exit code. */
export async function runContainer(container: Container, run: Run): Promise<number> {
  const { folder, options, image, request } = run
  const { program, name } = container
  const { root, cwd, scratch } = folder
  const { args: variables, env } = variablesOf(run.own)
  const mount = `${root}:${root}:rw${options.selinux ? ',z' : ''}`
  const args = [
    // An end of the command line program is none of the container: who ends that one says so (D4).
    ...['run', '--rm', '--sig-proxy=false', '--init', '--name', name, ...userOf(process)],
    ...[...labelsOf(folder, request), '--volume', mount, '--workdir', cwd, ...variables],
    ...[...options.runOptions, image, ...run.command],
  ]
  const dismissWatch = watchContainer(container, scratch)
  try {
    const code = await stoppable(container, scratch, request.signal, async (signal) =>
      docker({ program, args, cwd: root, env, onOutput: request.print, signal }),
    )
    if (code === ownFailure) {
      throw new OperatorError(
        `Docker could not run the image ${image} (code ${code}); what it said is above in the log`,
      )
    }
    return code
  } finally {
    dismissWatch()
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
