import { isObject, type Json, type JsonObject } from '../../domain/json.ts'
import type { Report } from '../report.ts'

/** A task's body: a mapping, or a list of mappings that are taken as one; undefined if it is neither. */
export function bodyOf(mapping: JsonObject, name: string, report: Report): JsonObject | undefined {
  const value: Json | undefined = mapping[name]
  if (isObject(value)) return value
  const about = { mapping, key: name }
  if (value === null || value === undefined) {
    report.problem(
      'TASK_EMPTY',
      `Parameter '${name}' is required but null`,
      about,
      `There is nothing below "${name}:". Give it an operator, for example "echo>: hi", or remove it; check the indentation.`,
    )
    return undefined
  }
  if (Array.isArray(value) && value.every(isObject)) {
    const body = Object.fromEntries(value.flatMap((part) => Object.entries(part)))
    for (const part of value) report.carryOver(part, body)
    return body
  }
  report.problem(
    'TASK_BODY',
    `Parameter '${name}' must be an object`,
    about,
    `A task is a mapping: write the operator in a line of its own below "${name}:", for example "echo>: hi".`,
  )
  return undefined
}
