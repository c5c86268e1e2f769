import { parseJson } from '#workflows/domain/json-text.ts'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { createConfig, type Config } from '../task/config.ts'
import type { WebKey } from './key.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'

/** `query`, a text or a mapping, as it is behind the `?`; empty when there is none. */
export async function readQuery(config: Config<WebKey>, secrets: TaskSecrets): Promise<string> {
  const given = config.get('query')
  if (given === undefined) return ''
  const mapping = mappingOf(given)
  if (mapping === undefined) {
    const text = await secrets.expand(config.string('query'))
    return new URLSearchParams(text).toString()
  }
  const values = createConfig(mapping, new Set())
  const query = new URLSearchParams()
  for (const name of Object.keys(mapping)) {
    query.append(await secrets.expand(name), await secrets.expand(values.string(name)))
  }
  return query.toString()
}

function mappingOf(value: Json): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined
  try {
    const parsed = parseJson(value) as Json
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
