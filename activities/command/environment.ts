import type { JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'

// The worker's own environment holds passwords and keys; a command gets only what any program needs.
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SHELL']

const variableName = /^[A-Za-z_][A-Za-z_0-9]*$/

/**
 * A command's environment (DIGDAG-SPEC 4.2): the parameters whose names can be variables, texts as they
 * are and other values as JSON, then `_env`, in which `${secret:key}` is replaced.
 */
export async function commandEnvironment(
  context: Pick<OperatorContext, 'params' | 'config' | 'secrets'>,
  worker: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {}
  for (const name of inherited) {
    const value = worker[name]
    if (value !== undefined) env[name] = value
  }
  for (const [name, value] of Object.entries(context.params)) {
    // PATH and its like come from the worker: a parameter of that name would break every command.
    if (!variableName.test(name) || inherited.includes(name)) continue
    env[name] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return { ...env, ...(await ownVariables(context)) }
}

async function ownVariables({
  config,
  secrets,
}: Pick<OperatorContext, 'config' | 'secrets'>): Promise<Record<string, string>> {
  const own: JsonObject = config.optionalObject('_env') ?? {}
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    if (!variableName.test(name)) {
      throw configError(`Invalid _env key name: ${name}`)
    }
    if (value === null || typeof value === 'object') {
      const type = value === null ? 'null' : Array.isArray(value) ? 'array' : 'object'
      throw configError(
        `Expected string type for key '${name}' but got ${JSON.stringify(value)} (${type})`,
      )
    }
    env[name] = await secrets.expand(String(value))
  }
  return env
}
