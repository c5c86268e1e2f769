import type { JsonObject } from '../../domain/json.ts'
import { abbreviatedZones, offsetZone } from '../../domain/time-zone.ts'
import type { WorkflowDefinition } from '../definition.ts'
import { nearest } from '../did-you-mean.ts'
import type { Report } from '../report.ts'
import { readSchedule } from '../schedule/read-schedule.ts'
import { readSla } from '../sla.ts'
import { compileChildren, compileTask } from './compile-task.ts'
import { topKeys } from './keys.ts'
import { sample } from './values.ts'

/** Compiles a whole workflow file (docs/language.md#workflow-files). */
export function compileWorkflow(
  name: string,
  file: JsonObject,
  report: Report,
  isTimezone: (zone: string) => boolean,
): WorkflowDefinition {
  const unknown = Object.keys(file).filter(
    (key) => !key.startsWith('+') && !(topKeys as readonly string[]).includes(key),
  )
  for (const key of unknown) {
    const near = nearest(key, topKeys)
    report.problem(
      'UNKNOWN_KEY',
      `Workflow '${name}' includes unknown keys: [${key}]`,
      { mapping: file, key },
      near === undefined ? adviceFor(key) : `Did you mean "${near}:"?`,
    )
  }
  // Below a task Digdag takes an empty directive as if it were not there, but not here.
  for (const key of ['_check', '_retry', '_parallel'] as const) {
    if (file[key] !== null) continue
    report.problem(
      'DIRECTIVE_VALUE',
      `Parameter '${key}' is required but null`,
      { mapping: file, key },
      `There is nothing behind "${key}:": write its value, or remove the line.`,
    )
  }
  const timezone = readTimezone(file, report, isTimezone)
  const schedule =
    file['schedule'] === undefined
      ? undefined
      : readSchedule(file['schedule'], timezone, report, file)
  const sla = file['sla'] === undefined ? undefined : readSla(file['sla'], report, file)
  const { timezone: _, ...config } = file
  // Unknown keys are reported above in the words of a workflow, not of a group.
  const known = Object.fromEntries(Object.entries(config).filter(([key]) => !unknown.includes(key)))
  report.carryOver(file, known)
  const withoutTasks = Object.fromEntries(
    Object.entries(known).filter(([key]) => !key.startsWith('+')),
  )
  report.carryOver(file, withoutTasks)
  return {
    name,
    timezone,
    config,
    root: {
      ...compileTask(`+${name}`, withoutTasks, report),
      children: compileChildren(known, report, true),
    },
    ...(schedule === undefined ? {} : { schedule }),
    ...(sla === undefined ? {} : { sla }),
  }
}

function adviceFor(key: string): string {
  if (key.endsWith('>'))
    return `An operator belongs into a task: write "+task:" and "  ${key}: …" below it.`
  if (key.startsWith('_')) return `"${key}" belongs into a task, not at the top of the file.`
  return `If it is a task, write "+${key}:"; if it is a parameter, put it below "_export:".`
}

function readTimezone(
  file: JsonObject,
  report: Report,
  isTimezone: (zone: string) => boolean,
): string {
  const written = file['timezone']
  if (written === undefined || written === null) return 'UTC'
  if (typeof written === 'string' && isTimezone(written))
    return offsetZone(written)?.name ?? written
  const meant = typeof written === 'string' ? abbreviatedZones.get(written) : undefined
  report.problem(
    'TIMEZONE',
    `Expected a time zone for key 'timezone' but got ${sample(written)}`,
    { mapping: file, key: 'timezone' },
    meant === undefined
      ? 'Write a zone of the IANA list such as "Asia/Tokyo", or an offset such as "+09:00".'
      : `An abbreviation is no time zone: write ${meant.map((zone) => `"${zone}"`).join(' or ')}.`,
  )
  return 'UTC'
}
