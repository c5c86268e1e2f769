import type { OperatorContext } from '../task/operator.ts'
import { isCollection, textOf } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'

/** A command's environment, variable by variable. */
export type Environment = Readonly<Record<string, string>>

// The worker's own environment holds passwords and keys; a command gets only what any program needs.
export const inherited: readonly string[] =
  'PATH HOME USER LOGNAME LANG LC_ALL TZ TMPDIR SHELL'.split(' ')

const variableName = /^[A-Za-z_][A-Za-z_0-9]*$/

/** Linux refuses a variable of 128 KiB or more, and with it the whole command. */
const longestVariable = 128 * 1024

type Worker = Readonly<Record<string, string | undefined>>

/** What a command takes over from the worker: never its secrets. */
export function inheritedEnvironment(
  worker: Worker = process.env,
  more: readonly string[] = [],
): Environment {
  const env: Record<string, string> = {}
  for (const name of [...inherited, ...more]) {
    const value = worker[name]
    if (value !== undefined) env[name] = value
  }
  return env
}

/**
 * The parameters whose names can be variables: texts as they are, other values as JSON. As in Digdag,
 * they also replace what was inherited, `PATH` among it.
 */
export function parameterEnvironment({
  params,
  log,
}: Pick<OperatorContext, 'params' | 'log'>): Environment {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(params)) {
    if (!variableName.test(name)) continue
    const text = textOf(value)
    if (text.includes('\0') || Buffer.byteLength(`${name}=${text}`) >= longestVariable) {
      log(`The parameter '${name}' is no environment variable here: it is too long or holds a NUL`)
    } else {
      env[name] = text
    }
  }
  return env
}

/** The task's `_env`, in which `${secret:key}` is replaced. */
export async function ownEnvironment({
  config,
  secrets,
}: Pick<OperatorContext, 'config' | 'secrets'>): Promise<Environment> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(config.optionalObject('_env') ?? {})) {
    if (!variableName.test(name)) throw configError(`Invalid _env key name: ${name}`)
    if (value === null || isCollection(value)) {
      const type = value === null ? 'null' : Array.isArray(value) ? 'array' : 'object'
      throw configError(
        `Expected string type for key '${name}' but got ${JSON.stringify(value)} (${type})`,
      )
    }
    const text = await secrets.expand(textOf(value))
    if (text.includes('\0')) throw configError(`The value of _env key '${name}' holds a NUL`)
    env[name] = text
  }
  return env
}
