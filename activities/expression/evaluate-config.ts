import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'

/** The body of a control operator is evaluated when its own tasks run, not before. */
const untouched: ReadonlySet<string> = new Set(['_do', '_else_do'])

/** Evaluates one text; `beside` holds the keys of the same object that were evaluated before. */
export type RenderText = (text: string, beside: JsonObject) => string

/** Evaluates every text of a config, in key order (docs/language.md#evaluation). Keys stay as they are. */
export function evaluateConfig(config: JsonObject, render: RenderText): JsonObject {
  // Not an object yet, in which a key may mean something of its own (`__proto__`).
  const built = new Map<string, Json>()
  const beside = (): JsonObject => Object.fromEntries(built)
  for (const [key, value] of Object.entries(config)) {
    built.set(key, untouched.has(key) ? value : evaluateValue(value, beside, render))
  }
  return beside()
}

function evaluateValue(value: Json, beside: () => JsonObject, render: RenderText): Json {
  if (typeof value === 'string') return value.includes('$') ? render(value, beside()) : value
  if (Array.isArray(value)) return value.map((item: Json) => evaluateValue(item, beside, render))
  return isObject(value) ? evaluateConfig(value, render) : value
}
