import type { Config } from '../task/config.ts'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'

/** Tasks that one control operator may generate; a plan of more is a mistake in its numbers. */
const mostSubtasks = 50_000

export function checkCount(count: number, what: string): void {
  if (count > mostSubtasks) {
    throw configError(`Too many ${what} subtasks (${count}). Limit: ${mostSubtasks}`)
  }
}

/** A copy of the body with variables as its exports; they win over exports of the same name there. */
export function bodyWith(body: JsonObject, variables: JsonObject): JsonObject {
  const own = body['_export']
  return { ...body, _export: { ...(isObject(own) ? own : {}), ...variables } }
}

/** The generated group: `_parallel` beside the body makes its tasks run in parallel. */
export function groupOf(
  tasks: Readonly<Record<string, Json>>,
  config: Config<'_parallel'>,
): JsonObject {
  const parallel = config.get('_parallel')
  return parallel === undefined ? tasks : { ...tasks, _parallel: parallel }
}
