import type { StateChange } from '../activities.ts'
import type { StepAnswer, StepCall, WalkedAhead } from '../step.ts'

/** What a step has brought that the workflow has not come to yet. */
export interface Ahead {
  add(walked: WalkedAhead): void
  /** The answer to this call, if there is one; it is given once. */
  take(call: StepCall): StepAnswer | undefined
  /** Whether this change is written already; true once. */
  recorded(change: StateChange): boolean
}

export function createAhead(): Ahead {
  const answers = new Map<string, StepAnswer>()
  const recorded = new Set<string>()
  return {
    add(walked) {
      for (const answer of walked.answers) answers.set(answer.key, answer)
      for (const [taskId, version] of walked.recorded) recorded.add(`${taskId} ${version}`)
    },
    take({ key }) {
      const answer = answers.get(key)
      answers.delete(key)
      return answer
    },
    recorded: ({ taskId, version }) => recorded.delete(`${taskId} ${version}`),
  }
}
