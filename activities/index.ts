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
import { createParamGet, createParamSet } from './control/shared-params.ts'
import { createRequire } from './control/require.ts'
import { wait } from './control/wait.ts'
import type { ActivitiesDeps } from './deps.ts'
import { createExpressions } from './expression/evaluate.ts'
import { defaultHttpSettings } from './http/settings.ts'
import { createNotify } from './notify/notify.ts'
import { createArchives } from './project/archives.ts'
import { readTexts } from './project/texts.ts'
import { createTakeStep } from './step/take-step.ts'
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
  const expressions = createExpressions(deps.sandbox)
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
    createNotify({
      tasks: store.tasks,
      render: (text, notification) =>
        expressions.text(text, { params: notification, timezone: notification.timezone }),
      http: deps.http ?? defaultHttpSettings,
      ...(deps.notifications === undefined ? {} : { settings: deps.notifications }),
    }),
    nop,
    createParamSet(store.sharedParams),
    createParamGet(store.sharedParams),
    ...deps.operators,
  ]
  const runTask = createRunTask({
    store,
    facts,
    resumptions,
    archives,
    operators: new Map(operators.map((operator) => [operator.name, operator])),
    expressions,
    agent: deps.agent,
    ...(deps.temporary === undefined ? {} : { temporary: deps.temporary }),
  })
  const own: Omit<Activities, 'takeStep'> = {
    runTask: (input) => runTask(input),
    ...createOpenAttempt(store, facts, resumptions),
    ...createAddTasks(store, facts),
    ...createRecordStates(store),
    ...createCloseAttempt(store),
    ...createOpenScheduledSession(store),
  }
  const takeStep = createTakeStep({
    ...own,
    runTask: (input, cancellationSignal) =>
      runTask(input, { cancellationSignal, heartbeat: () => undefined, info: { isLocal: true } }),
  })
  return { ...own, takeStep }
}
