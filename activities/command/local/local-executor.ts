import { inheritedEnvironment, type Environment } from '../environment.ts'
import { exchange } from '../folder/exchange.ts'
import { projectFolder, type ProjectFolder } from '../folder/project-folder.ts'
import type { Command, CommandExecutor, Place, PlaceRequest } from '../place.ts'
import { findProgram, runCommand } from './process.ts'
import { createRunningHere } from './running-here.ts'
import { asTaskUser, giveTo, reachable, type TaskUser } from './task-user.ts'

/** Commands as processes of this worker, with another user's rights where one is given. */
export function createLocalExecutor(user?: TaskUser): CommandExecutor {
  const running = createRunningHere()
  const paths = new Map<string, Promise<string>>()
  /** A PATH as far as commands can use it. */
  const pathOf = (path = '/usr/local/bin:/usr/bin:/bin'): Promise<string> => {
    if (user === undefined) return Promise.resolve(path)
    const known = paths.get(path) ?? reachable(user, path)
    paths.set(path, known)
    return known
  }

  const run = async (
    { command: words, env, inherit, advice }: Command,
    { cwd, root }: ProjectFolder,
    { print: onOutput, signal }: PlaceRequest,
  ): Promise<number> => {
    const given = { ...inheritedEnvironment(process.env, inherit), ...env }
    const command = {
      ...{ command: words, cwd, env: given, onOutput, signal },
      ...(advice === undefined ? {} : { advice }),
    }
    if (user === undefined) return runCommand(command)
    const all = { ...given, PATH: await pathOf(given['PATH']) }
    const [program = ''] = words
    if ((await findProgram(program, all.PATH, cwd)) === undefined) {
      // Says so itself, in its own words: setpriv would be found.
      return runCommand({ ...command, env: all })
    }
    await giveTo(user, root)
    return runCommand({
      ...command,
      command: asTaskUser(user, words),
      env: { ...all, HOME: env['HOME'] ?? user.home },
    })
  }

  const firstOf = async (
    programs: readonly string[],
    env: Environment,
  ): Promise<readonly string[]> => {
    const path = await pathOf(env['PATH'] ?? inheritedEnvironment()['PATH'])
    for (const program of programs) {
      if ((await findProgram(program, path)) !== undefined) return [program]
    }
    return programs.slice(-1)
  }

  return {
    async rejoin({ name, signal }) {
      // What another worker ran ended with it. What this one runs has been given up, and is about to end.
      await running.end(name, signal)
      return 'gone'
    },
    async open(request): Promise<Place> {
      const folder = await projectFolder(request)
      return {
        cwd: folder.cwd,
        ...exchange(folder.scratch, request),
        firstOf,
        run: async (command) => running.hold(request.name, run(command, folder, request)),
      }
    },
  }
}
