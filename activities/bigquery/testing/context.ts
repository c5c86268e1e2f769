import { randomUUID } from 'node:crypto'
import type { JsonObject } from '#workflows/domain/json.ts'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import { accountSecrets } from '../account.ts'

/** What BigQuery's operators are given for a task; its name finds its jobs among all of the engine's. */
export const taskContext = (params: JsonObject, task: TestTask = {}): TestContext =>
  operatorContext({ secrets: accountSecrets }, params, {
    projectName: 'Sales Reports',
    identity: {
      sessionUuid: randomUUID(),
      taskId: 21,
      fullName: `+main+task_${randomUUID().slice(0, 8)}`,
    },
    ...task,
  })
