import type { Activities } from '#workflows/activities.ts'
import { createAddTasks } from './attempt/add-tasks.ts'
import { createCloseAttempt } from './attempt/close-attempt.ts'
import { createFacts } from './attempt/facts.ts'
import { createOpenAttempt } from './attempt/open-attempt.ts'
import { createRecordStates } from './attempt/record-states.ts'
import { createResumptions } from './attempt/resume.ts'
import { createOpenScheduledSession } from './attempt/scheduled-session.ts'
import { createCall } from './control/call.ts'
import { echo } from './control/echo.ts'
import { fail } from './control/fail.ts'
import { forEach } from './control/for-each.ts'
import { forRange } from './control/for-range.ts'
import { ifOperator } from './control/if.ts'
import { loop } from './control/loop.ts'
import { nop } from './control/nop.ts'
import { notify } from './control/notify.ts'
import { createRequire } from './control/require.ts'
import { wait } from './control/wait.ts'
import type { ActivitiesDeps } from './deps.ts'
import { createExpressions } from './expression/evaluate.ts'
import { createArchives } from './project/archives.ts'
import { readTexts } from './project/texts.ts'
import type { Operator } from './task/operator.ts'
import { createRunTask } from './task/run-task.ts'

export type { StartAttempt } from './deps.ts'

/** All that workflows ask of the world. */
export function createActivities(deps: ActivitiesDeps): Activities {
  const { store, startAttempt } = deps
  const facts = createFacts(store)
  const resumptions = createResumptions(store.tasks, facts)
  const archives = createArchives(store.projects)
  const call = createCall(async (attemptId) => {
    const { workflow } = await facts(attemptId)
    return readTexts(await archives(workflow.revisionId))
  })
  const operators: readonly Operator[] = [
    echo,
    fail,
    ifOperator,
    forEach,
    forRange,
    loop,
    call,
    createRequire({ store, startAttempt }),
    wait,
    notify,
    nop,
    ...deps.operators,
  ]
  const runTask = createRunTask({
    store,
    facts,
    resumptions,
    archives,
    operators: new Map(operators.map((operator) => [operator.name, operator])),
    expressions: createExpressions(deps.sandbox),
    agent: deps.agent,
    ...(deps.temporary === undefined ? {} : { temporary: deps.temporary }),
  })
  return {
    runTask,
    ...createOpenAttempt(store, facts, resumptions),
    ...createAddTasks(store, facts),
    ...createRecordStates(store),
    ...createCloseAttempt(store),
    ...createOpenScheduledSession(store),
  }
}
