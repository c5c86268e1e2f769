import { isObject, type Json, type JsonObject } from '../domain/json.ts'

/** A task of a TypeScript batch: its config as it would be written in a `.dig` file, and how to read its result. */
export interface TaskSpec<Result = void> {
  readonly config: JsonObject
  /** Makes the result out of what the task stored; absent where nobody asks for it. */
  readonly read?: (stored: JsonObject) => Result
}

/** Follows a path of keys into stored parameters. */
export function storedAt(stored: JsonObject, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = stored
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return value
}
