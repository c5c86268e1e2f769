import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import type { Environment } from './environment.ts'
import { runCommand } from './process.ts'
import { workplace } from './workplace.ts'

export interface Script {
  /** `Python`, as it stands in messages. */
  readonly language: string
  readonly operator: string
  readonly config: Config
  readonly env: Environment
  /** The interpreter and its options, with the folder to run in given. */
  readonly interpreter: (cwd: string) => readonly string[]
  /** Our own program, which calls the function and writes down what came of it. */
  readonly runner: string
}

/**
 * Calls a function of the project (`_command`), or runs the text in `script`, through the language's
 * runner: `RUNNER (FUNCTION | --script FILE) INPUT OUTPUT`, parameters and result as JSON in files.
 */
export async function runScript(context: OperatorContext, script: Script): Promise<OperatorResult> {
  const { language, operator, config, env, interpreter, runner } = script
  const { cwd, scratch } = await workplace(context, operator)
  const input = join(scratch, 'input.json')
  const output = join(scratch, 'output.json')
  await writeFile(input, JSON.stringify({ params: context.params }), { mode: 0o600 })
  const code = await runCommand({
    command: [...interpreter(cwd), runner, ...(await what(config, scratch)), input, output],
    cwd,
    env,
    onOutput: context.log,
    signal: context.signal,
  })
  const written = await readFile(output, 'utf8').catch(() => undefined)
  return readResult(language, written, code)
}

async function what(config: Config, scratch: string): Promise<readonly string[]> {
  if (config.get('_command') !== undefined || !config.has('script')) {
    return [config.string('_command')]
  }
  const file = join(scratch, 'script')
  await writeFile(file, config.string('script'), { mode: 0o600 })
  return ['--script', file]
}

/** What the runner wrote; a missing or broken file is a failure whatever the exit code says. */
function readResult(language: string, text: string | undefined, code: number): OperatorResult {
  const result = parse(text)
  const error = result?.['error']
  const failed = `${language} command failed with code ${code}`
  if (isObject(error)) {
    const { message, class: name, backtrace } = error
    const from = `Error messages from ${language.toLowerCase()}`
    throw new OperatorError(
      `${failed}\n${from}: ${textOf(message)} (${textOf(name)})${stackOf(backtrace)}`,
    )
  }
  if (code !== 0) throw new OperatorError(failed)
  if (result === undefined) {
    throw new OperatorError(
      `${language} command ended without saying what it stored: its output file is missing or broken`,
    )
  }
  const subtasks = objectOf(result['subtask_config'])
  return {
    stored: objectOf(result['store_params']),
    exported: objectOf(result['export_params']),
    ...(Object.keys(subtasks).length === 0 ? {} : { subtasks }),
  }
}

function parse(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const stackOf = (backtrace: Json | undefined): string =>
  Array.isArray(backtrace) ? `\n\tfrom ${backtrace.map(textOf).join('\n\tfrom ')}` : ''

/** An option that is a program, or a list of a program and its options. */
export const interpreterOption = (config: Config, key: string): readonly string[] | undefined => {
  const given = config.strings(key)
  return given.length === 0 ? undefined : given
}
