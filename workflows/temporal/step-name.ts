import { excerpt } from '../domain/cut.ts'
import type { StepCall, Stepped } from '../step.ts'

const longestName = 200

/**
 * What a step is called. Temporal's UI draws a local activity's name and nothing else of it, so the name says what it
 * carries: `+daily+load and 3 more`.
 */
export function stepName(calls: readonly StepCall[]): string {
  const names = calls.flatMap(({ name }) => name ?? [])
  const [first] = names
  if (first !== undefined) {
    const more = names.length === 1 ? '' : ` and ${names.length - 1} more`
    return `${excerpt(first, longestName)}${more}`
  }
  const [call] = calls
  return call === undefined ? 'note states' : withoutTasks[call.activity]
}

const withoutTasks: Readonly<Record<Stepped, string>> = {
  openAttempt: 'open the attempt',
  planBranch: 'open the branch',
  runTask: 'run a task',
  addTasks: 'add tasks',
  mergeLayers: 'merge parameters',
  storedParams: 'read stored parameters',
  closeAttempt: 'close the attempt',
}
