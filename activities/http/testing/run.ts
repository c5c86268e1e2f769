import type { JsonObject } from '#workflows/domain/json.ts'
import type { OperatorResult } from '../../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import { createHttp } from '../http.ts'
import { createHttpCall } from '../http-call.ts'
import { defaultHttpSettings, type HttpSettings } from '../settings.ts'

export interface Ran {
  readonly context: TestContext
  readonly result: Promise<OperatorResult>
}

/** Starts an `http>` task. */
export function start(
  params: JsonObject,
  task: TestTask = {},
  settings: Partial<HttpSettings> = {},
): Ran {
  const operator = createHttp({ ...defaultHttpSettings, ...settings })
  const context = operatorContext(operator, params, task)
  return { context, result: operator.run(context) }
}

export const http = (...args: Parameters<typeof start>): Promise<OperatorResult> =>
  start(...args).result

export function httpCall(params: JsonObject, task: TestTask = {}): Promise<OperatorResult> {
  const operator = createHttpCall(defaultHttpSettings)
  return operator.run(operatorContext(operator, params, task))
}
