import type { JsonObject } from '#workflows/domain/json.ts'
import type { OperatorResult } from '../../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import { createMail } from '../mail.ts'
import type { MailSettings } from '../settings.ts'

/** Starts a `mail>` task. */
export function start(
  params: JsonObject,
  task: TestTask = {},
  settings: MailSettings = {},
): { readonly context: TestContext; readonly result: Promise<OperatorResult> } {
  const operator = createMail(settings)
  const context = operatorContext(operator, params, task)
  return { context, result: operator.run(context) }
}
