import { isCollection, isObject, textOf, type Json } from '#workflows/domain/json.ts'
import { isExactNumber } from '#workflows/domain/exact-number.ts'
import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { WebKey } from './key.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import { expandAll } from './secret-text.ts'

/** What a request carries. */
export interface Content {
  readonly text: string
  readonly type: string
}

/** `content` in its `content_format`; undefined when the request carries nothing. */
export async function readContent(
  config: Config<WebKey>,
  secrets: TaskSecrets,
): Promise<Content | undefined> {
  const given = config.get('content')
  const format = config.optionalString('content_format')?.toLowerCase()
  const type = config.optionalString('content_type')
  if (given === undefined) return undefined
  const value = await expandAll(given, secrets)
  const text = { text: (): string => plainText(value), json: jsonText, form: formText }
  const chosen = format ?? (isCollection(value) ? 'json' : 'text')
  if (!(chosen in text)) throw wrongFormat(chosen, value)
  const write = text[chosen as keyof typeof text]
  return { text: write(value), type: type ?? types[chosen as keyof typeof types] }
}

// Digdag sends `plain/text` for texts, which is no media type: a slip that no server can rely on.
const types = {
  text: 'text/plain',
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const

function plainText(value: Json): string {
  if (value === null || isCollection(value)) throw wrongFormat('text', value)
  return textOf(value)
}

const jsonText = (value: Json): string => JSON.stringify(value)

function formText(value: Json): string {
  if (!isObject(value)) {
    throw wrongFormat('form', value)
  }
  const fields = new URLSearchParams()
  for (const [name, field] of Object.entries(value)) {
    if (isCollection(field)) {
      throw configError(
        `Invalid form content field value: '${name}' is ${nounOf(field)}; a form has texts and numbers only`,
      )
    }
    fields.append(name, textOf(field))
  }
  return fields.toString()
}

const wrongFormat = (format: string, value: Json): Error =>
  configError(`Invalid content format for ${nounOfKind(value)}s: '${format}'. ${allowedFor(value)}`)

function nounOfKind(value: Json): string {
  if (isCollection(value)) return Array.isArray(value) ? 'array' : 'object'
  return isExactNumber(value) ? 'number' : typeof value
}

function allowedFor(value: Json): string {
  if (!isCollection(value)) return 'content_format is text or json for it'
  return Array.isArray(value) ? 'It can be sent as json only' : 'It can be sent as json or form'
}

const nounOf = (value: Json): string => (Array.isArray(value) ? 'a list' : 'a mapping')
