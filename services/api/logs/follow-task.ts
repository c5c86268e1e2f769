import type { TaskText } from './task-text.ts'
import { firstWord, nextLook, type Gone } from './watch.ts'

/** What a task's log holds from a byte on, and what is written to it until it grows no more. */
export async function* followTask(
  open: () => Promise<TaskText>,
  isOver: () => Promise<boolean>,
  begin: (text: TaskText) => Promise<number>,
  gone: Gone,
): AsyncGenerator<string> {
  let at: number | undefined
  do {
    // In this order: what was written before the end is seen.
    const over = await isOver()
    const text = await open()
    if (at === undefined) {
      at = await begin(text)
      yield firstWord
    }
    if (text.size > at) {
      yield* text.pieces({ from: at, to: text.size })
      at = text.size
    }
    if (over) return
  } while (await nextLook(gone))
}
