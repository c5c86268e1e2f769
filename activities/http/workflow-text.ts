import { Scalar, stringify } from 'yaml'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { yamlOf } from '../yaml-of.ts'

/** A workflow that came as JSON, as Digdag's log shows it: YAML with its texts in quotes. */
export const workflowText = (workflow: JsonObject): string =>
  stringify(withQuotedNames(workflow), {
    defaultKeyType: 'PLAIN',
    defaultStringType: 'QUOTE_DOUBLE',
    indentSeq: false,
    lineWidth: 0,
  }).trimEnd()

function withQuotedNames(value: Json): unknown {
  if (Array.isArray(value)) return value.map(withQuotedNames)
  if (!isObject(value)) return yamlOf(value)
  return new Map(Object.entries(value).map(([key, item]) => [name(key), withQuotedNames(item)]))
}

/** What begins as a number does, such as a task's name, is in quotes. */
const name = (key: string): string | Scalar =>
  /^[-+.\d]/.test(key) ? Object.assign(new Scalar(key), { type: Scalar.QUOTE_DOUBLE }) : key
