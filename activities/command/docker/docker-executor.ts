import { exchange } from '../folder/exchange.ts'
import { projectFolder } from '../folder/project-folder.ts'
import { firstInside } from '../first-inside.ts'
import type { CommandExecutor, PlaceRequest } from '../place.ts'
import { createContainer } from './container.ts'
import { provideImage } from './image.ts'
import { findLeft, isJoinable } from './left.ts'
import { readDockerOptions } from './options.ts'
import { rejoinContainer } from './rejoin-container.ts'
import { runContainer } from './run-container.ts'

// D1. One task of one session has one container, by its name, for which the engine answers: a second one of
//     that name is refused. What is left of a former try is removed first.
// D2. When a run ends, so has the container, whether it was killed before it existed or while it ran.
// D3. A container ends with its worker (watch.ts). One whose watch was lost with the worker goes on, and is joined
//     while it runs; the end of one that has ended by now may be the machine's, so that one runs again.
// D4. Whoever stops a container marks its folder first: no stopped command's end is taken for its own.

/** Commands in containers of a Docker engine, with the project's folder at the same path. */
export const createDockerExecutor = (): CommandExecutor => ({
  async rejoin(request) {
    const container = containerOf(request)
    const left = await findLeft(container)
    if (left === undefined) return 'gone'
    if (await isJoinable(left, request)) return rejoinContainer(container, left, request)
    await container.remove()
    return 'gone'
  },

  async open(request) {
    const { print, signal } = request
    const options = readDockerOptions(request.container ?? {})
    const container = containerOf(request)
    const folder = await projectFolder(request)
    const image = await provideImage(options, { root: folder.root, onOutput: print, signal })
    const files = exchange(folder.scratch, request)
    return {
      ...files,
      cwd: folder.cwd,
      firstOf: (programs) => Promise.resolve(firstInside(programs)),
      run: async ({ command, env }) =>
        runContainer(container, { ...{ folder, options, image, request, command }, own: env }),
    }
  },
})

const containerOf = ({ name, container = {} }: PlaceRequest) =>
  createContainer(name, readDockerOptions(container).program)
