import { exchange } from '../folder/exchange.ts'
import type { PlaceRequest, Running } from '../place.ts'
import { removeFolder } from '../../project/remove-folder.ts'
import { docker } from './cli.ts'
import type { Container } from './container.ts'
import { wasStopped, type Left } from './left.ts'
import { stoppable } from './stoppable.ts'
import { watchContainer } from './watch.ts'

/** The container of a lost worker: its output, its exit code and its files. */
export function rejoinContainer(
  container: Container,
  { root, scratch }: Left,
  request: PlaceRequest,
): Running {
  const { program, name } = container
  const { print: onOutput, signal } = request
  const { read } = exchange(scratch, request)
  return {
    read,
    async wait() {
      await onOutput(
        `a worker was lost while this ran in the container ${name}, which is joined; its output from the beginning:\n`,
      )
      const dismissWatch = watchContainer(container, scratch)
      try {
        return await stoppable(container, scratch, signal, async (ending) => {
          const call = { program, cwd: '/', signal: ending }
          let code = ''
          const take = (text: string): void => void (code += text)
          // Asked for at once: an ended container is not there to be asked.
          const ended = docker({ ...call, args: ['wait', name], onOutput: take })
          // Where the engine stores no output, this says so.
          await Promise.all([
            ended,
            docker({ ...call, args: ['logs', '--follow', name], onOutput }),
          ])
          if (await wasStopped(scratch)) return 'gone'
          return /^\d+$/.test(code.trim()) ? Number(code) : 'gone'
        })
      } finally {
        dismissWatch()
      }
    },
    async close() {
      await container.remove()
      await removeFolder(root)
    },
  }
}
