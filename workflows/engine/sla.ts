import type { WalkedTask } from '../contract.ts'
import { CanceledError } from './runtime.ts'
import { ownLayers, type Ending, type SlaWatch, type Walk } from './walk.ts'

// L1. `^sla` runs once, beside the attempt's tasks, and interrupts none of them.
// L2. The attempt is done when `^sla` is, and has failed where `^sla` has, whatever its tasks did. This
//     is never retried: running everything again makes nothing less late.

/** Watches that the tree of `root` is done by `at`, in milliseconds. */
export function watchSla(walk: Walk, root: WalkedTask, at: number): SlaWatch {
  const alarm = walk.runtime.alarm(at)

  const run = async (): Promise<Ending> => {
    try {
      if (!(await alarm.rang)) return 'success'
      const added = await walk.runtime.addTasks({ parentId: root.id, what: { kind: 'sla' } })
      const position = { parentName: root.name, layers: ownLayers(root) }
      const ended = await Promise.all(added.map((task) => walk.run(task, position)))
      return ended.find(({ ending }) => ending !== 'success')?.ending ?? 'success'
    } catch (error) {
      if (error instanceof CanceledError) return 'canceled'
      throw error
    }
  }
  const running = run()
  // Thrown by `settled`, which comes later.
  running.catch(() => undefined)
  return {
    settled() {
      alarm.stop()
      return running
    },
  }
}
