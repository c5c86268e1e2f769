import { isObject, type Json } from '#workflows/domain/json.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'

/** Whether a text has secrets to be put in. */
export const holdsSecrets = (text: string): boolean => text.includes('${secret:')

/** Puts secrets into all texts of a value, keys of objects among them. */
export async function expandAll(value: Json, secrets: TaskSecrets): Promise<Json> {
  if (typeof value === 'string') return secrets.expand(value)
  if (Array.isArray(value)) return Promise.all(value.map((item: Json) => expandAll(item, secrets)))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(
    async ([key, item]) => [await secrets.expand(key), await expandAll(item, secrets)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}
