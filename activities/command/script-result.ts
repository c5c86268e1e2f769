import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import type { OperatorResult } from '../task/operator.ts'
import type { Output } from './output-file.ts'
import { shorten } from '#workflows/domain/cut.ts'

/** Of an exception's text and stack, as much as anybody reads: both travel with the task's error. */
const longestText = 10_000
const longestStack = 50_000
/** They are among the parameters of `_error` tasks. */
const longestFrames = 8_000

/** What a language's runner wrote; a missing or broken file is a failure whatever the exit code says. */
export function readScriptResult(language: string, output: Output, code: number): OperatorResult {
  const result = output.kind === 'object' ? output.value : {}
  const error = result['error']
  const failed = `${language} command failed with code ${code}`
  if (isObject(error)) {
    const { message, class: name, backtrace } = error
    const from = `Error messages from ${language.toLowerCase()}`
    const text = shorten(textOf(message), longestText)
    throw new OperatorError(
      `${failed}\n${from}: ${text} (${shorten(textOf(name), longestText)})${stackOf(backtrace)}`,
      { code: 'COMMAND', frames: framesOf(backtrace) },
    )
  }
  if (code !== 0) throw new OperatorError(failed, { code: 'COMMAND' })
  if (output.kind !== 'object') {
    const why = output.kind === 'none' ? 'it is missing or empty' : output.why
    throw new OperatorError(
      `${language} command ended without saying what it stored: its output file is missing or broken (${why})`,
    )
  }
  const subtasks = objectOf(result['subtask_config'])
  return {
    stored: objectOf(result['store_params']),
    exported: objectOf(result['export_params']),
    ...(Object.keys(subtasks).length === 0 ? {} : { subtasks }),
  }
}

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const framesOf = (backtrace: Json | undefined): string | undefined =>
  Array.isArray(backtrace) && backtrace.length > 0
    ? shorten(backtrace.map((frame) => textOf(frame).trimEnd()).join('\n'), longestFrames)
    : undefined

const stackOf = (backtrace: Json | undefined): string =>
  Array.isArray(backtrace) && backtrace.length > 0
    ? shorten(`\n\tfrom ${backtrace.map(textOf).join('\n\tfrom ')}`, longestStack)
    : ''
