import { editDistance } from '#workflows/dig/did-you-mean.ts'
import type { TaskLog } from '../log/task-log.ts'

/** Points out parameters that nobody has read: most are misspelt. */
export function warnUnused(
  log: TaskLog,
  fullName: string,
  localKeys: readonly string[],
  used: ReadonlySet<string>,
): void {
  for (const key of localKeys) {
    if (used.has(key)) continue
    log.say('ERROR', `Parameter '${key}' is not used at task ${fullName}.`)
    const similar = [...used].filter((other) => similarity(key, other) >= 0.5)
    if (similar.length > 0) log.say('ERROR', `  > Did you mean [${similar.join(', ')}]?`)
  }
}

/** 1 for equal texts, 0 for texts with nothing in common. */
const similarity = (a: string, b: string): number =>
  1 - editDistance(a, b) / Math.max(a.length, b.length, 1)
