import {
  Scope,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten'
import type { JsonObject } from '#workflows/domain/json.ts'
import { evaluateConfig } from './evaluate-config.ts'
import type { SandboxJob, SandboxLimits, SandboxReply } from './job.ts'
import type { Libraries } from './libraries.ts'
import { parseTemplate } from './template.ts'
import { wordThrown } from './wording.ts'

/** Bytes of QuickJS's own stack; deeper recursion is an error there, not a crash here. */
const stackBytes = 256 * 1024

/** A script, not a module, and not in strict mode, which has no `with`. */
const sloppy = { type: 'global', strict: false } as const

/** Carries a failed expression out of the walk over the config. */
class ExpressionError extends Error {
  readonly text: string
  readonly thrown: unknown

  constructor(text: string, thrown: unknown) {
    super('An expression failed')
    this.text = text
    this.thrown = thrown
  }
}

/**
 * Evaluates a job in a QuickJS engine of its own: no host object is within reach, and what one task's
 * expressions change is gone before the next task's.
 */
export function interpret(
  engine: QuickJSWASMModule,
  libraries: Libraries,
  job: SandboxJob,
  limits: SandboxLimits,
  onText: (text: string) => void,
): SandboxReply {
  const deadline = Date.now() + limits.milliseconds
  const runtime = engine.newRuntime()
  runtime.setMemoryLimit(limits.bytes)
  runtime.setMaxStackSize(stackBytes)
  runtime.setInterruptHandler(() => Date.now() > deadline)
  const context = runtime.newContext()
  const render = createRenderer(context, job.scope, onText)
  try {
    if (job.moment !== 'none') loadMoment(context, libraries, job)
    return { kind: 'evaluated', config: evaluateConfig(job.config, render.text) }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return { kind: 'failed', text: error.text, message: wordThrown(error.thrown, limits) }
  } finally {
    render.dispose()
    context.dispose()
    runtime.dispose()
  }
}

/** The engine's own functions are taken before any expression could replace them. */
function createRenderer(
  context: QuickJSContext,
  scope: JsonObject,
  onText: (text: string) => void,
) {
  const makeScope = context.unwrapResult(
    context.evalCode(
      `(function (parse, assign) {
      return function (scope, beside) { return assign(parse(scope), parse(beside)) }
    })(JSON.parse, Object.assign)`,
      'scope.js',
      sloppy,
    ),
  )
  const scopeText = context.newString(JSON.stringify(scope))

  const text = (source: string, beside: JsonObject): string => {
    const parts = parseTemplate(source)
    const literals = parts.flatMap((part) => ('literal' in part ? part.literal : []))
    if (literals.length === parts.length) return literals.join('')
    onText(source)
    const changed = Object.entries(beside).filter(([key, value]) => scope[key] !== value)
    return Scope.withScope((handles) => {
      const unwrapped = (result: ReturnType<typeof context.callFunction>): QuickJSHandle => {
        if (!result.error) return handles.manage(result.value)
        throw new ExpressionError(source, context.dump(handles.manage(result.error)))
      }
      const overlay = handles.manage(context.newString(JSON.stringify(Object.fromEntries(changed))))
      const variables = unwrapped(
        context.callFunction(makeScope, context.undefined, scopeText, overlay),
      )
      const template = unwrapped(context.evalCode(program(parts), 'expression.js', sloppy))
      return context.getString(unwrapped(context.callFunction(template, variables)))
    })
  }

  const dispose = (): void => {
    makeScope.dispose()
    scopeText.dispose()
  }
  return { text, dispose }
}

/** A function of the shape that Digdag's own template has, so that `this` and names mean the same. */
function program(parts: ReturnType<typeof parseTemplate>): string {
  const pieces = parts.map((part) =>
    'literal' in part
      ? JSON.stringify(part.literal)
      : `((__t=(${part.code}))==null?'':(typeof __t=="string"?__t:JSON.stringify(__t)))`,
  )
  return `(function(){with(this){var __t;return ''+\n${pieces.join('+\n')}}})`
}

function loadMoment(context: QuickJSContext, libraries: Libraries, job: SandboxJob): void {
  const run = (code: string, file: string): void =>
    context.unwrapResult(context.evalCode(code, file, sloppy)).dispose()
  run(libraries.moment, 'moment.js')
  const zone = libraries.oneZone(job.timezone)
  const data = [job.moment === 'all zones' ? libraries.allZones : undefined, zone]
  for (const zones of data) {
    if (zones !== undefined) run(`moment.tz.load(JSON.parse(${JSON.stringify(zones)}))`, 'zones.js')
  }
  if (zone !== undefined) run(`moment.tz.setDefault(${JSON.stringify(job.timezone)})`, 'zones.js')
}
