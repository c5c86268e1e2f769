import type { Activities } from '#workflows/activities.ts'
import type { WorkerActivities } from '#workflows/step.ts'
import { createAddTasks } from './attempt/add-tasks.ts'
import { createAttemptEnd } from './attempt/attempt-end.ts'
import { createCloseAttempt } from './attempt/close-attempt.ts'
import { createFacts } from './attempt/facts.ts'
import { createOpenAttempt } from './attempt/open-attempt.ts'
import { createRecordStates } from './attempt/record-states.ts'
import { createOwnQueues } from './attempt/own-queues.ts'
import { createResumptions } from './attempt/resume.ts'
import { createOpenScheduledSession } from './attempt/scheduled-session.ts'
import type { ActivitiesDeps } from './deps.ts'
import { createExpressions } from './expression/evaluate.ts'
import { createSteeringOperators } from './operators.ts'
import { createArchives } from './project/archives.ts'
import { createTakeStep } from './step/take-step.ts'
import { bounded } from './task/bounded.ts'
import { createRunTask } from './task/run-task.ts'

export type { AttemptEnded } from './attempt/close-attempt.ts'
export type { StartAttempt } from './deps.ts'

/** All that workflows ask of the world. */
export function createActivities(deps: ActivitiesDeps): WorkerActivities {
  const { store } = deps
  const facts = createFacts(store)
  const resumptions = createResumptions(store.tasks, facts)
  const archives = createArchives(store.projects)
  const expressions = createExpressions(deps.sandbox)
  const operators = [
    ...Object.values(createSteeringOperators({ ...deps, facts, archives, expressions })),
    ...deps.operators,
  ]
  const ownQueues = createOwnQueues(operators)
  const runOne = createRunTask({
    store,
    facts,
    resumptions,
    archives,
    operators: new Map(operators.map((operator) => [operator.name, operator])),
    expressions,
    agent: deps.agent,
    ...(deps.temporary === undefined ? {} : { temporary: deps.temporary }),
    ...(deps.logBytes === undefined ? {} : { logBytes: deps.logBytes }),
  })
  const runTask: typeof runOne = async (...args) => ownQueues.inOutcome(await runOne(...args))
  const own: Activities = {
    runTask: (input) => bounded(() => runTask(input)),
    ...ownQueues.in({
      ...createOpenAttempt(store, facts, resumptions),
      ...createAddTasks(store, facts, resumptions),
    }),
    ...createRecordStates(store),
    ...createCloseAttempt(store, deps.attemptEnded),
    ...createAttemptEnd(store),
    ...createOpenScheduledSession(store, deps.settleSchedule, deps.acceptAttempt, deps.startable),
  }
  const takeStep = createTakeStep({
    ...own,
    runTask: (input, cancellationSignal, attempt) => {
      const info = { isLocal: true, attempt }
      return runTask(input, { cancellationSignal, heartbeat: () => undefined, info })
    },
  })
  return { ...own, takeStep, default: takeStep }
}
