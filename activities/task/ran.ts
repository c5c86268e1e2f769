import type { RanTask } from '#workflows/activities.ts'
import { excerpt } from '#workflows/domain/cut.ts'
import { textOf, type Json } from '#workflows/domain/json.ts'
import type { Mask } from '../secrets/mask.ts'
import type { Prepared } from './prepare.ts'

/** What is shown of a value, in characters: a history holds no SQL and no data. */
const longestValue = 200
const mostParameters = 30

/**
 * What people see of a task who click on it in Temporal's UI: its operator and its own parameters as they were evaluated,
 * without secrets.
 */
export function ranTask(task: string, prepared: Prepared, mask: Mask): RanTask {
  const { operator, command, params, localKeys } = prepared
  const shown = (value: Json | undefined): Json => {
    if (value === undefined) return null
    const text = textOf(value)
    const masked = mask.text(text)
    const unchanged = masked === text && text.length <= longestValue
    return unchanged ? value : excerpt(masked, longestValue)
  }
  return {
    task,
    operator: `${operator}>`,
    command: shown(command),
    parameters: Object.fromEntries(
      localKeys.slice(0, mostParameters).map((key) => [key, shown(params[key])]),
    ),
  }
}
