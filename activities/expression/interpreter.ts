import { Scope, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Engine } from './engine.ts'
import { evaluateConfig } from './evaluate-config.ts'
import {
  tookTooLong,
  tookTooMuchMemory,
  tookTooMuchText,
  type SandboxJob,
  type SandboxLimits,
  type SandboxReply,
} from './job.ts'
import type { Libraries } from './libraries.ts'
import { createNames } from './names.ts'
import { parseTemplate, type TemplatePart } from './template.ts'
import { wordThrown } from './wording.ts'

/** Bytes of QuickJS's own stack; deeper recursion is an error there, not a crash here. */
const stackBytes = 256 * 1024

/** A script, not a module, and not in strict mode, which has no `with`. */
const sloppy = { type: 'global', strict: false } as const

/** A thread that took more memory than this for a job is not used again. */
const mostHeld = 32 * 2 ** 20

/** What this thread has used: a busy machine takes nothing of an expression's time. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Carries a failed expression out of the walk over the config. */
class ExpressionError extends Error {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super('An expression failed')
    this.thrown = thrown
  }
}

/**
 * Evaluates a job in a QuickJS engine of its own: no host object is within reach, and what one task's
 * expressions change is gone before the next task's.
 */
export function interpret(
  engine: Engine,
  libraries: Libraries,
  job: SandboxJob,
  limits: SandboxLimits,
  onText: (text: string) => void,
): SandboxReply {
  let at = ''
  const runtime = engine.module.newRuntime()
  runtime.setMaxStackSize(stackBytes)
  const context = runtime.newContext()
  let deadline = Infinity
  const isOvertime = (): boolean => threadMilliseconds() > deadline
  const isSpent = (): boolean => engine.exhausted() || engine.heldBytes() > mostHeld
  const failed = (message: string, more: { readonly overtime?: true } = {}): SandboxReply => ({
    kind: 'failed',
    text: at,
    message,
    spent: isSpent(),
    ...more,
  })
  try {
    const render = createRenderer(context, job.scope, limits, isOvertime, (text) => {
      at = text
      onText(text)
    })
    try {
      if (job.moment !== 'none') loadMoment(context, libraries, job)
      // The time is the expressions' own; what we load for them is not theirs.
      deadline = threadMilliseconds() + limits.milliseconds
      runtime.setInterruptHandler(isOvertime)
      const config = evaluateConfig(job.config, render.text)
      return { kind: 'evaluated', config, spent: isSpent() }
    } finally {
      render.dispose()
    }
  } catch (error) {
    // What is thrown then may hide that it was (an endless `toJSON` of a thrown object).
    if (isOvertime()) return failed(tookTooLong(limits), { overtime: true })
    const thrown = error instanceof ExpressionError ? error.thrown : undefined
    // Without memory an error may have no object, or something of ours is what fails.
    if (engine.exhausted() && thrown === undefined) return failed(tookTooMuchMemory(limits))
    if (!(error instanceof ExpressionError)) throw error
    return failed(wordThrown(thrown, limits))
  } finally {
    // What was left half done cannot be taken down; it goes with the thread.
    if (!engine.exhausted()) {
      context.dispose()
      runtime.dispose()
    }
  }
}

/** The engine's own functions are taken before any expression could replace them. */
function createRenderer(
  context: QuickJSContext,
  scope: JsonObject,
  limits: SandboxLimits,
  isOvertime: () => boolean,
  onText: (text: string) => void,
) {
  const own = (code: string): QuickJSHandle =>
    context.unwrapResult(context.evalCode(code, 'suiro.js', sloppy))
  const makeScope = own(`(function (parse, assign) {
    return function (scope, beside) { return assign(parse(scope), parse(beside)) }
  })(JSON.parse, Object.assign)`)
  const stringify = own('JSON.stringify')
  const names = createNames(scope)
  let characters = 0

  /** Texts pass as C has them, to the first NUL; what is lost so passes as JSON. */
  const stringOf = (handle: QuickJSHandle): string => {
    const text = context.getString(handle)
    const length = context.getProp(handle, 'length').consume((value) => context.getNumber(value))
    if (text.length === length) return text
    const json = context.unwrapResult(context.callFunction(stringify, context.undefined, handle))
    return JSON.parse(json.consume((value) => context.getString(value))) as string
  }

  const text = (source: string, beside: JsonObject): string => {
    const parts = parseTemplate(source)
    const codes = parts.flatMap((part) => ('code' in part ? part.code : []))
    if (codes.length === 0) return parts.map(literalOf).join('')
    onText(source)
    return Scope.withScope((handles) => {
      const unwrapped = (result: ReturnType<typeof context.callFunction>): QuickJSHandle => {
        if (!result.error) return handles.manage(result.value)
        throw new ExpressionError(context.dump(handles.manage(result.error)))
      }
      const json = (value: string): QuickJSHandle => handles.manage(context.newString(value))
      const { named, over } = names.of(codes, beside)
      const variables = unwrapped(
        context.callFunction(makeScope, context.undefined, json(named), json(over)),
      )
      const template = unwrapped(context.evalCode(program(parts), 'expression.js', sloppy))
      const result = stringOf(unwrapped(context.callFunction(template, variables)))
      // An endless function may leave a promise behind instead of an error.
      if (isOvertime()) throw new ExpressionError(tookTooLong(limits))
      characters += result.length
      if (characters > limits.characters) throw new ExpressionError(tookTooMuchText(limits))
      return result
    })
  }

  const dispose = (): void => {
    makeScope.dispose()
    stringify.dispose()
  }
  return { text, dispose }
}

const literalOf = (part: TemplatePart): string => ('literal' in part ? part.literal : '')

/** A function of the shape that Digdag's own template has, so that `this` and names mean the same. */
function program(parts: readonly TemplatePart[]): string {
  const pieces = parts.map((part) =>
    'literal' in part
      ? JSON.stringify(part.literal)
      : `((__t=(${part.code}\n))==null?'':(typeof __t=="string"?__t:JSON.stringify(__t)))`,
  )
  return `(function(){with(this){var __t;return ''+\n${pieces.join('+\n')}}})`
}

function loadMoment(context: QuickJSContext, libraries: Libraries, job: SandboxJob): void {
  const run = (code: string, file: string): void =>
    context.unwrapResult(context.evalCode(code, file, sloppy)).dispose()
  run(libraries.moment, 'moment.js')
  const zone = libraries.oneZone(job.timezone)
  // Another zone instead would make dates that are wrong, and look right.
  if (zone === undefined) throw new ExpressionError(`moment knows no time zone ${job.timezone}`)
  const data = job.moment === 'all zones' ? [libraries.allZones, zone] : [zone]
  for (const zones of data) run(`moment.tz.load(JSON.parse(${JSON.stringify(zones)}))`, 'zones.js')
  run(`moment.tz.setDefault(${JSON.stringify(job.timezone)})`, 'zones.js')
  run(offsetAlways, 'zones.js')
}

/**
 * Digdag's moment has the zone of its process, and prints the offset of such a time also where that is
 * 0; moment-timezone would print a `Z`, as `utc()` does in both.
 */
const offsetAlways = `(function (format) {
  moment.fn.format = function (how) {
    return format.call(this, how || (this._z === moment.defaultZone ? moment.defaultFormat : how))
  }
})(moment.fn.format)`
