import type { StateChange } from '../activities.ts'
import type { StepAnswer, StepCall, WalkedAhead } from '../step.ts'

/** What a step has brought that the workflow has not come to yet. */
export interface Ahead {
  add(walked: WalkedAhead): void
  /** Whether this call is answered. */
  answers(call: StepCall): boolean
  /** The answers to these calls; each is given once. */
  take(calls: readonly StepCall[]): readonly StepAnswer[]
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
    answers: ({ key }) => answers.has(key),
    take: (calls) =>
      calls.flatMap(({ key }) => {
        const answer = answers.get(key)
        answers.delete(key)
        return answer ?? []
      }),
    recorded: ({ taskId, version }) => recorded.delete(`${taskId} ${version}`),
  }
}
