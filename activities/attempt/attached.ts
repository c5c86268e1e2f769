import { isObject, type JsonObject } from '#workflows/domain/json.ts'

/** The task that hangs below another as its `_check` or `_error`; undefined where nothing is written there. */
export function attachedTask(config: JsonObject, key: '_check' | '_error'): JsonObject | undefined {
  const mapping = config[key]
  return isObject(mapping) && Object.keys(mapping).length > 0 ? mapping : undefined
}
