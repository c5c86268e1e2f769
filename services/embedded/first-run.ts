import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const mark = (home: string): string => join(home, 'run/examples-done')

/** Whether the examples have not yet run to their end in this data folder. */
export const firstRunIsDue = (home: string): Promise<boolean> =>
  Promise.resolve(!existsSync(mark(home)))

export const firstRunIsDone = (home: string): Promise<void> =>
  writeFile(mark(home), new Date().toISOString())
