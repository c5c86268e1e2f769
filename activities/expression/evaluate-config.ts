import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'

/** The body of a control operator is evaluated when its own tasks run, not before. */
const untouched: ReadonlySet<string> = new Set(['_do', '_else_do'])

/** Evaluates one text; `beside` holds the keys of the same object that were evaluated before. */
export type RenderText = (text: string, beside: JsonObject) => string

/** Evaluates every text of a config, in key order (DIGDAG-SPEC 2.1). Keys stay as they are. */
export function evaluateConfig(config: JsonObject, render: RenderText): JsonObject {
  const built: Record<string, Json> = {}
  for (const [key, value] of Object.entries(config)) {
    built[key] = untouched.has(key) ? value : evaluateValue(value, built, render)
  }
  return built
}

function evaluateValue(value: Json, beside: JsonObject, render: RenderText): Json {
  if (typeof value === 'string') return value.includes('$') ? render(value, beside) : value
  if (Array.isArray(value)) return value.map((item: Json) => evaluateValue(item, beside, render))
  return isObject(value) ? evaluateConfig(value, render) : value
}
