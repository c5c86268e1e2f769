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
import { defaultHttpSettings } from './http/settings.ts'
import { createNotify } from './notify/notify.ts'
import { readTexts } from './project/texts.ts'
import type { OperatorsByName } from './task/built-in.ts'
import type { FindFacts } from './attempt/facts.ts'
import type { ActivitiesDeps } from './deps.ts'
import type { Expressions } from './expression/evaluate.ts'
import type { Archives } from './project/archives.ts'

/** What the operators need that reach no system but Suiro itself. */
export interface SteeringDeps extends Pick<
  ActivitiesDeps,
  'store' | 'startAttempt' | 'http' | 'notifications'
> {
  readonly facts: FindFacts
  readonly archives: Archives
  readonly expressions: Expressions
}

/** The operators that only steer, and those about Suiro's own matters. */
export function createSteeringOperators(deps: SteeringDeps) {
  const { store, startAttempt, facts, archives, expressions } = deps
  const call = createCall(async (attemptId) => {
    const { workflow } = await facts(attemptId)
    return readTexts(await archives(workflow.revisionId))
  }, store.tasks)
  return {
    echo,
    fail,
    if: ifOperator,
    for_each: forEach,
    for_range: forRange,
    loop,
    call,
    require: createRequire({ store, startAttempt }),
    wait,
    notify: createNotify({
      tasks: store.tasks,
      render: (text, notification) =>
        expressions.text(text, { params: notification, timezone: notification.timezone }),
      http: deps.http ?? defaultHttpSettings,
      ...(deps.notifications === undefined ? {} : { settings: deps.notifications }),
    }),
    nop,
    param_set: createParamSet(store.sharedParams),
    param_get: createParamGet(store.sharedParams),
  } satisfies Partial<OperatorsByName>
}

/** Name of an operator that is made here; the worker brings the others. */
export type SteeringOperatorName = keyof ReturnType<typeof createSteeringOperators>
