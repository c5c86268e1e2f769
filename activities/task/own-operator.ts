import { withPlainNumbers, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { configError, OperatorError } from '../failure.ts'
import type { Config } from './config.ts'
import { isMistake } from './describe-failure.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { framesOf } from './stack-frames.ts'

/**
 * An operator that a team wrote: whatever it throws fails its task. Only what fails in Suiro's own parts
 * (PostgreSQL is away) is no answer to whether the task can be done, and is tried again by Temporal.
 */
export const ownOperator = (operator: Operator): Operator => ({
  ...operator,
  async run(context) {
    const ours = new Set<unknown>()
    try {
      const result: unknown = await operator.run(withJavaScriptNumbers(watched(context, ours)))
      if (result !== undefined && (typeof result !== 'object' || result === null)) {
        throw configError(
          `${operator.name}> answered ${JSON.stringify(result)}: an operator answers an object, for example {} or { stored: { rows: 3 } }`,
        )
      }
      return result ?? {}
    } catch (error) {
      if (error instanceof OperatorError || ours.has(error) || context.signal.aborted) throw error
      // Its stack goes to the log, and running again would not help.
      if (isMistake(error)) throw error
      throw failureOf(error)
    }
  },
})

/** The task's failure in the words of what was thrown; `kind` and `retryable` may be on the error. */
function failureOf(error: unknown): OperatorError {
  const { kind, retryable, message, name } = (
    typeof error === 'object' && error !== null ? error : { message: String(error) }
  ) as Partial<OperatorError>
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
  const named = name === undefined || name === 'Error' ? '' : `${name}: `
  return new OperatorError(`${named}${message}${cause === '' ? '' : ` (${cause})`}`, {
    ...(kind === 'config' || kind === 'plain' ? { kind } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    frames: framesOf(error),
    cause: error,
  })
}

/** The same context, in which failures of Suiro's own parts are remembered. */
function watched(context: OperatorContext, ours: Set<unknown>): OperatorContext {
  const watch =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await call(...args)
      } catch (error) {
        ours.add(error)
        throw error
      }
    }
  const { project, secrets, state, usage } = context
  const replaced: Pick<OperatorContext, 'render' | 'project' | 'secrets' | 'state' | 'usage'> = {
    render: watch(context.render),
    project: eachFunction(project, watch),
    secrets: eachFunction(secrets, watch),
    usage: eachFunction(usage, watch),
    state: {
      get value() {
        return state.value
      },
      save: watch((next: JsonObject) => state.save(next)),
    },
  }
  // Copied as they are, not read: whoever reads `params` has used every key.
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(context),
      ...Object.getOwnPropertyDescriptors(replaced),
    },
  ) as OperatorContext
}

/** The same context for code that a team wrote: its numbers are those that JavaScript calculates with. */
const withJavaScriptNumbers = (context: OperatorContext): OperatorContext =>
  Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(context),
      ...Object.getOwnPropertyDescriptors({
        config: plainConfig(context.config),
        get params() {
          return withPlainNumbers(context.params)
        },
      }),
    },
  ) as OperatorContext

const plainConfig = (config: Config): Config => ({
  ...config,
  get: (key) => plain(config.get(key)),
  list: (key) => withPlainNumbers(config.list(key)),
  object: (key) => withPlainNumbers(config.object(key)),
  optionalObject: (key) => plain(config.optionalObject(key)),
  withDefaults: (...keys) => plainConfig(config.withDefaults(...keys)),
})

const plain = <Value extends Json>(value: Value | undefined): Value | undefined =>
  value === undefined ? undefined : withPlainNumbers(value)

type Call = (...args: readonly unknown[]) => Promise<unknown>

/** An object of functions, each of them changed. */
const eachFunction = <Functions extends object>(
  functions: Functions,
  change: (call: Call) => Call,
): Functions =>
  Object.fromEntries(
    Object.entries(functions).map(([name, call]) => [name, change(call as Call)]),
  ) as Functions
