import { copyFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import type { Environment } from './environment.ts'
import { readOutput } from './output-file.ts'
import { readScriptResult } from './script-result.ts'
import type { CommandExecutor } from './task-command.ts'
import { workplace } from './workplace.ts'

export interface Script {
  /** `Python`, as it stands in messages. */
  readonly language: string
  readonly operator: string
  readonly config: Config
  readonly env: Environment
  /** The interpreter and its options, for a folder to run in and a container. */
  readonly interpreter: (
    cwd: string,
    container: JsonObject | undefined,
  ) => Promise<readonly string[]>
  /** Our own program, which calls the function and writes down what came of it. */
  readonly runner: string
  readonly advice: string
}

/**
 * Calls a function of the project (`_command`), or runs the text in `script`, through the language's
 * runner: `RUNNER (FUNCTION | --script FILE) INPUT OUTPUT`, parameters and result as JSON in files.
 */
export async function runScript(
  context: OperatorContext,
  executor: CommandExecutor,
  script: Script,
): Promise<OperatorResult> {
  const { language, operator, config, env, interpreter, advice } = script
  const place = await workplace(context, config, operator)
  const { cwd, scratch, container } = place
  // A container sees the project's folder only, so the runner stands there, too.
  const runner = join(scratch, basename(script.runner))
  const input = join(scratch, 'input.json')
  const output = join(scratch, 'output.json')
  await copyFile(script.runner, runner)
  const given = { params: context.params, secrets: await context.secrets.granted() }
  await writeFile(input, JSON.stringify(given), { mode: 0o600 })
  const code = await executor.run({
    ...place,
    command: [
      ...(await interpreter(cwd, container)),
      ...[runner, ...(await what(config, scratch)), input, output],
    ],
    env,
    onOutput: context.print,
    signal: context.signal,
    advice,
  })
  return readScriptResult(language, await readOutput(output), code)
}

async function what(config: Config, scratch: string): Promise<readonly string[]> {
  if (config.get('_command') !== undefined || !config.has('script')) {
    return [config.string('_command')]
  }
  const file = join(scratch, 'script')
  await writeFile(file, config.string('script'), { mode: 0o600 })
  return ['--script', file]
}

/** An option that is a program, or a list of a program and its options. */
export const interpreterOption = (config: Config, key: string): readonly string[] | undefined => {
  const given = config.strings(key)
  return given.length === 0 ? undefined : given
}
