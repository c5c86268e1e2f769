import { isObject, textOf, type Json, type JsonObject } from '../domain/json.ts'
import { compileTask } from './compile/compile-task.ts'
import type { SlaDefinition, WorkflowDefinition } from './definition.ts'
import { nearest } from './did-you-mean.ts'
import { createPlaces } from './read/places.ts'
import { createReport, type Report } from './report.ts'

const options = ['time', 'duration', 'alert', 'fail'] as const
const directives = ['_export', '_parallel', '_retry', '_error'] as const

const example = 'Write for example "sla:" and below it "  time: 08:00" or "  duration: 02:00".'

/** Reads and checks `sla:` (docs/language.md#sla); undefined when it has mistakes, which are reported. */
export function readSla(sla: Json, report: Report, parent: JsonObject): SlaDefinition | undefined {
  if (!isObject(sla)) {
    report.problem(
      'SLA',
      "Parameter 'sla' must be an object",
      { mapping: parent, key: 'sla' },
      example,
    )
    return undefined
  }
  let mistakes = 0
  const refuse = (message: string, key: string | undefined, advice: string): void => {
    mistakes += 1
    const about = { mapping: sla, ...(key === undefined ? {} : { key }) }
    report.problem('SLA', message, about, advice)
  }
  checkKeys(sla, refuse)
  const kinds = (['time', 'duration'] as const).filter((key) => (sla[key] ?? null) !== null)
  const [kind, second] = kinds
  if (kind === undefined || second !== undefined) {
    const message = "SLA must be specified using either the 'time' or 'duration' option"
    refuse(message, second, second === undefined ? example : 'Remove one of the two.')
    return undefined
  }
  const seconds = readClock(textOf(sla[kind]))
  if (seconds === undefined) {
    const message = `SLA ${kind} option needs to be HH:MM or HH:MM:SS format: ${textOf(sla[kind])}`
    refuse(message, kind, `Write for example "${kind}: ${kind === 'time' ? '08:00' : '02:00'}".`)
  }
  const alert = readFlag(sla, 'alert', true, refuse)
  const fail = readFlag(sla, 'fail', false, refuse)
  const tasks = Object.fromEntries(
    Object.entries(sla).filter(([key]) => !(options as readonly string[]).includes(key)),
  )
  report.carryOver(sla, tasks)
  if (mistakes === 0) compileTask('^sla', tasks, report)
  if (mistakes > 0 || seconds === undefined) return undefined
  return { kind, seconds, alert, fail, tasks }
}

/** What is wrong with `sla:` of a workflow that was stored before a push looked at it. */
export function slaMistake({ config, sla }: WorkflowDefinition): string | undefined {
  const written = config['sla']
  if (sla !== undefined || written === undefined) return undefined
  const report = createReport(createPlaces())
  readSla(written, report, config)
  return report.problems[0]?.message
}

type Refuse = (message: string, key: string | undefined, advice: string) => void

function checkKeys(sla: JsonObject, refuse: Refuse): void {
  const known: readonly string[] = [...options, ...directives]
  for (const key of Object.keys(sla)) {
    if (key.startsWith('+') || known.includes(key)) continue
    const near = nearest(key, known)
    const hint = near === undefined ? '' : `> Did you mean '[${near}]'?`
    const advice = key.endsWith('>')
      ? `Tasks for a late attempt have a name: write "+notice:" below "sla:", and "${key}" below that.`
      : `Below "sla:" come time or duration, alert, fail, and tasks ("+name:").`
    refuse(`Parameter '${key}' is not used at sla. ${hint}`, key, advice)
  }
}

/** Seconds of `HH:MM` or `HH:MM:SS`. */
function readClock(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? []
  if (hours === undefined) return undefined
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0)
}

function readFlag(
  sla: JsonObject,
  key: 'alert' | 'fail',
  otherwise: boolean,
  refuse: Refuse,
): boolean {
  const value = sla[key] ?? otherwise
  if (typeof value === 'boolean') return value
  const text = textOf(value).trim().toLowerCase()
  if (text !== 'true' && text !== 'false') {
    refuse(
      `Expected 'true' or 'false' for key '${key}' but got ${JSON.stringify(value)}`,
      key,
      `Write "${key}: true" or "${key}: false"; a variable is not evaluated here.`,
    )
  }
  return text === 'true'
}
