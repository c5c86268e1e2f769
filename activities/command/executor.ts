import type { JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { inheritedEnvironment } from './environment.ts'
import { runInContainer } from './docker/run-in-container.ts'
import { findProgram, runCommand } from './process.ts'
import type { CommandExecutor } from './task-command.ts'
import { asTaskUser, giveTo, reachable, type TaskUser } from './task-user.ts'

/** What becomes of a task with `docker: {image: …}`: refused, run in a container, or run as if it had none. */
export const containerModes = ['none', 'docker', 'ignore'] as const
export type ContainerMode = (typeof containerModes)[number]

/** The executor of a worker that is told so by its setting SUIRO_CONTAINERS, and whose rights commands have. */
export function createCommandExecutor(
  mode: ContainerMode = 'none',
  user?: TaskUser,
): CommandExecutor {
  const inContainer = (container: JsonObject | undefined): boolean =>
    container !== undefined && mode === 'docker'
  const paths = new Map<string, Promise<string>>()
  /** A PATH as far as commands can use it. */
  const pathOf = (path = '/usr/local/bin:/usr/bin:/bin'): Promise<string> => {
    if (user === undefined) return Promise.resolve(path)
    const known = paths.get(path) ?? reachable(user, path)
    paths.set(path, known)
    return known
  }
  return {
    async run(command) {
      const { container, env, onOutput } = command
      if (container !== undefined && mode === 'none') {
        throw configError(
          `This task asks for a container (docker: ${JSON.stringify(container)}), and this worker runs none. Set SUIRO_CONTAINERS=docker on a worker with a Docker engine, or SUIRO_CONTAINERS=ignore to run such commands without one`,
        )
      }
      if (container !== undefined && mode === 'docker') return runInContainer(command, container)
      if (container !== undefined) {
        void onOutput(
          'docker is ignored: the command runs on the worker itself (SUIRO_CONTAINERS=ignore)\n',
        )
      }
      const given = { ...inheritedEnvironment(), ...env }
      if (user === undefined) return runCommand({ ...command, env: given })
      const all = { ...given, PATH: await pathOf(given['PATH']) }
      const [program = ''] = command.command
      if ((await findProgram(program, all.PATH, command.cwd)) === undefined) {
        // Says so itself, in its own words: setpriv would be found.
        return runCommand({ ...command, env: all })
      }
      await giveTo(user, command.root)
      return runCommand({
        ...command,
        command: asTaskUser(user, command.command),
        env: { ...all, HOME: env['HOME'] ?? user.home },
      })
    },
    async find(programs, { env, container }) {
      if (inContainer(container)) return undefined
      const path = await pathOf(env['PATH'] ?? inheritedEnvironment()['PATH'])
      for (const program of programs) {
        if ((await findProgram(program, path)) !== undefined) return program
      }
      return undefined
    },
  }
}
