import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { Operator, OperatorContext, OperatorResult } from '../task/operator.ts'
import { commandEnvironment } from './environment.ts'
import { runCommand } from './process.ts'
import { workplace } from './workplace.ts'

const runner = fileURLToPath(new URL('./runner.py', import.meta.url))

/** `py>` calls a function of the project's Python files, parameters bound by name. */
export const createPy = (): Operator => ({
  name: 'py',
  secrets: ['*'],
  retries: true,
  async run(context) {
    const config = context.config.withDefaults('py')
    const { cwd, scratch } = await workplace(context, 'py')
    const input = join(scratch, 'in.json')
    const output = join(scratch, 'out.json')
    await writeFile(input, JSON.stringify({ params: context.params }))
    const env = await commandEnvironment({ ...context, config })
    const { script, method } = await entry(context, config, scratch)
    const code = await runCommand({
      command: [...python(config, env['PATH'] ?? ''), script, method, input, output],
      cwd,
      // Output appears as it is printed, and no byte code is left in the project.
      env: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', ...env },
      onOutput: context.log,
      signal: context.signal,
    })
    return readResult(await readFile(output, 'utf8').catch(() => undefined), code)
  },
})

/** `py>: a.b` is called by our runner; an inline `script` stands before the runner's own text. */
async function entry(
  context: OperatorContext,
  config: Config,
  scratch: string,
): Promise<{ readonly script: string; readonly method: string }> {
  const inline = config.optionalString('script')
  if (inline === undefined) return { script: runner, method: config.string('_command') }
  const text = await readFile(runner, 'utf8')
  const start = 'if __name__ == "__main__":'
  const script = join(scratch, 'script.py')
  const rendered = await context.secrets.expand(inline)
  await writeFile(script, text.replace(start, `${rendered}\n\n${start}`))
  return { script, method: config.string('_command') }
}

/** The `python` option; else `python`, or `python3` where only that is installed. */
function python(config: Config, path: string): readonly string[] {
  if (config.has('python')) {
    const chosen = config.get('python')
    return Array.isArray(chosen) ? config.strings('python') : [config.string('python')]
  }
  const installed = (name: string): boolean =>
    path.split(delimiter).some((folder) => existsSync(join(folder, name)))
  return [installed('python') ? 'python' : 'python3']
}

/** What the runner wrote; a missing or broken file is a failure whatever the exit code says. */
function readResult(text: string | undefined, code: number): OperatorResult {
  const result = parse(text)
  const error = result?.['error']
  if (isObject(error)) {
    const { message, class: name, backtrace } = error
    throw new OperatorError(
      `Python command failed with code ${code}\nError messages from python: ${String(message)} (${String(name)})${stackOf(backtrace)}`,
    )
  }
  if (code !== 0) throw new OperatorError(`Python command failed with code ${code}`)
  if (result === undefined) {
    throw new OperatorError('Python command ended without saying what it stored')
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
    const value: Json = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const stackOf = (backtrace: Json | undefined): string =>
  Array.isArray(backtrace) ? `\n\tfrom ${backtrace.map(String).join('\n\tfrom ')}` : ''
