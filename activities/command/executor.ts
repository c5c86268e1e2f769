import { configError } from '../failure.ts'
import { createDockerExecutor } from './docker/docker-executor.ts'
import { createLocalExecutor } from './local/local-executor.ts'
import type { TaskUser } from './local/task-user.ts'
import type { CommandExecutor, PlaceRequest } from './place.ts'

/** What becomes of a task with `docker: {image: …}`: refused, run in a container, or run as if it had none. */
export const containerModes = ['none', 'docker', 'ignore'] as const
export type ContainerMode = (typeof containerModes)[number]

/** The executor of a worker with this setting SUIRO_CONTAINERS; `user` has the rights of commands on the worker itself. */
export function createCommandExecutor(
  mode: ContainerMode = 'none',
  user?: TaskUser,
): CommandExecutor {
  const local = createLocalExecutor(user)
  const docker = createDockerExecutor()
  const executorOf = ({ container }: PlaceRequest): CommandExecutor => {
    if (container === undefined || mode === 'ignore') return local
    if (mode === 'docker') return docker
    throw configError(
      `This task asks for a container (docker: ${JSON.stringify(container)}), and this worker runs none. Set SUIRO_CONTAINERS=docker on a worker with a Docker engine, or SUIRO_CONTAINERS=ignore to run such commands without one`,
    )
  }
  return {
    rejoin: async (request) => executorOf(request).rejoin(request),
    async open(request) {
      const place = await executorOf(request).open(request)
      if (request.container !== undefined && mode === 'ignore') {
        await request.print(
          'docker is ignored: the command runs on the worker itself (SUIRO_CONTAINERS=ignore)\n',
        )
      }
      return place
    },
  }
}
