import { merge, type JsonObject } from '../domain/json.ts'
import { compileTask as compileTaskInto } from './compile/compile-task.ts'
import { compileWorkflow } from './compile/compile-workflow.ts'
import type { CompileOptions } from './compile-project.ts'
import type { TaskDefinition } from './definition.ts'
import type { Problem } from './problem.ts'
import { folderOf } from './read/paths.ts'
import { createPlaces } from './read/places.ts'
import { readFile } from './read/read-file.ts'
import { createReader, type ProjectTexts } from './read/reader.ts'
import { createReport } from './report.ts'

export type CompiledTask =
  | { readonly task: TaskDefinition; readonly problems: readonly [] }
  | { readonly task: undefined; readonly problems: readonly Problem[] }

/** The push has said its word: only the task itself fails, and nothing around it that never comes to it. */
const atRunTime = { unsupportedOperators: 'warn' } as const

/** Compiles a task mapping that a run made: a `_do`, an `_error`, a Python subtask. */
export function compileTask(name: string, mapping: JsonObject): CompiledTask {
  const report = createReport(createPlaces(), atRunTime)
  const task = compileTaskInto(name, mapping, report)
  if (report.problems.length > 0) return { task: undefined, problems: report.problems }
  return { task, problems: [] }
}

/**
 * Reads a file for `call>` as a task mapping: checked like a workflow, and with the exported parameter
 * `_workdir` when it is in a folder.
 */
export function readCalledFile(
  files: ProjectTexts,
  path: string,
  options: CompileOptions,
): { readonly mapping?: JsonObject; readonly problems: readonly Problem[] } {
  const places = createPlaces()
  const report = createReport(places, atRunTime)
  const onProblem = (problem: Problem): void => void report.problems.push(problem)
  const onWarning = (): void => {}
  const file = readFile(createReader({ files, places, onProblem, onWarning }), path)
  if (file === undefined) return { problems: report.problems }
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.dig$/, '')
  compileWorkflow(name, file, report, options.isTimezone)
  if (report.problems.length > 0) return { problems: report.problems }

  const { timezone: _, schedule: _s, sla: _sla, ...mapping } = file
  const folder = folderOf(path)
  if (folder === '') return { mapping, problems: [] }
  const own = (mapping['_export'] as JsonObject | undefined)?.['_workdir']
  const workdir = typeof own === 'string' ? `${folder}/${own}` : folder
  return { mapping: merge(mapping, { _export: { _workdir: workdir } }), problems: [] }
}
