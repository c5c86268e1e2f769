import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { shorten } from '#workflows/domain/cut.ts'
import { OperatorError } from '../failure.ts'
import type { OperatorResult } from '../task/operator.ts'
import { lastLines } from './last-lines.ts'
import type { CommandEnd } from './run-in-place.ts'
import { shortenFrames } from './shorten-frames.ts'

/** Of an exception's text and stack, as much as anybody reads: both travel with the task's error. */
const longestText = 4_000
/** They are among the parameters of `_error` tasks. */
const longestFrames = 8_000

/** What a language's runner wrote; a missing or broken file is a failure whatever the exit code says. */
export function readScriptResult(
  language: string,
  { code, output, printed }: CommandEnd,
  mask: (text: string) => string,
): OperatorResult {
  const result = output.kind === 'object' ? output.value : {}
  const error = result['error']
  const failed = `${language} command failed with code ${code}`
  if (isObject(error)) {
    const { message, class: name, backtrace, advice } = error
    const from = `Error messages from ${language.toLowerCase()}`
    const text = shorten(textOf(message), longestText)
    const frames = framesOf(backtrace)
    const kept = shortenFrames(frames, longestFrames)
    throw new OperatorError(
      `${failed}\n${from}: ${text} (${shorten(textOf(name), longestText)})${adviceOf(advice)}${stackOf(kept)}`,
      {
        code: 'COMMAND',
        ...(kept.length > 0 && { frames: kept.map((frame) => frame.trimEnd()).join('\n') }),
        printed: lastLines(withoutStack(printed, frames), mask),
      },
    )
  }
  if (code !== 0) {
    throw new OperatorError(failed, { code: 'COMMAND', printed: lastLines(printed, mask) })
  }
  if (output.kind !== 'object') {
    const why = output.kind === 'none' ? 'it is missing or empty' : output.why
    throw new OperatorError(
      `${language} command ended without saying what it stored: its output file is missing or broken (${why})`,
      { printed: lastLines(printed, mask) },
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

const framesOf = (backtrace: Json | undefined): readonly string[] =>
  Array.isArray(backtrace) ? backtrace.map(textOf) : []

/** What the runner knows of the reason beyond the exception's own words. */
const adviceOf = (advice: Json | undefined): string =>
  typeof advice === 'string' && advice !== '' ? `\n${advice}` : ''

const stackOf = (frames: readonly string[]): string =>
  frames.length === 0 ? '' : `\n\tfrom ${frames.join('\n\tfrom ')}`

/** What was printed before the runner printed the exception, which the message has already. */
function withoutStack(printed: string, frames: readonly string[]): string {
  const [first] = frames
  if (first === undefined) return printed
  // Python prints just these texts; Ruby has words of its own around them, and its first line names the first frame.
  const whole = printed.lastIndexOf(frames.join(''))
  const at = whole === -1 ? printed.lastIndexOf(first.trimEnd()) : whole
  return at === -1 ? printed : printed.slice(0, printed.lastIndexOf('\n', at) + 1)
}
