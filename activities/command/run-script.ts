import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Config } from '../task/config.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import type { Environment } from './environment.ts'
import type { CommandExecutor, Place } from './place.ts'
import { outputName, placeRequest, runInPlace } from './run-in-place.ts'
import { readScriptResult } from './script-result.ts'

export interface Script {
  /** `Python`, as it is in messages. */
  readonly language: string
  readonly operator: string
  readonly config: Config
  readonly env: Environment
  /** The interpreter and its options. */
  readonly interpreter: (place: Place) => Promise<readonly string[]>
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
  const given = { params: context.params, secrets: await context.secrets.granted() }
  const end = await runInPlace(
    executor,
    placeRequest(context, config, operator),
    async (place) => ({
      command: [
        ...(await interpreter(place)),
        // A container has none of our files, so the runner goes in as well.
        await place.put(basename(script.runner), await readFile(script.runner)),
        ...(await what(config, place)),
        await place.put('input.json', JSON.stringify(given)),
        place.output(outputName),
      ],
      env,
      advice,
    }),
  )
  return readScriptResult(language, end, context.mask)
}

async function what(config: Config, place: Place): Promise<readonly string[]> {
  if (config.get('_command') !== undefined || !config.has('script')) {
    return [config.string('_command')]
  }
  return ['--script', await place.put('script', config.string('script'))]
}

/** An option that is a program, or a list of a program and its options. */
export const interpreterOption = (config: Config, key: string): readonly string[] | undefined => {
  const given = config.strings(key)
  return given.length === 0 ? undefined : given
}
