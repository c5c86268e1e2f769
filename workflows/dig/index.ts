import { merge, type JsonObject } from '../domain/json.ts'
import { compileTask as compileTaskInto } from './compile/compile-task.ts'
import { compileWorkflow } from './compile/compile-workflow.ts'
import { wrongWorkflowName } from './compile/names.ts'
import type { TaskDefinition, WorkflowDefinition } from './definition.ts'
import type { Problem } from './problem.ts'
import { withOwnOperators, type OperatorWords } from './operators.ts'
import { folderOf } from './read/paths.ts'
import { createPlaces } from './read/places.ts'
import { readFile, type ProjectTexts } from './read/read-file.ts'
import { createReport } from './report.ts'

export { formatProblem, type Problem } from './problem.ts'
export { knownOperators, type OperatorWords } from './operators.ts'
export { readRetry } from './compile/retry.ts'
export { wrongWorkflowName } from './compile/names.ts'

export interface CompileOptions {
  /** Whether a time zone is known; time zones are not for Temporal's sandbox. */
  readonly isTimezone: (zone: string) => boolean
  /** A team's own operators. */
  readonly ownOperators?: readonly OperatorWords[]
}

export interface CompiledProject {
  readonly workflows: readonly WorkflowDefinition[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Compiles every workflow of a project (its root's `.dig` files); tells the mistakes of all at once. */
export function compileProject(files: ProjectTexts, options: CompileOptions): CompiledProject {
  const places = createPlaces()
  const report = createReport(places, withOwnOperators(options.ownOperators ?? []))
  const workflows = [...files.keys()]
    .filter((path) => path.endsWith('.dig') && !path.includes('/'))
    .flatMap((path) => {
      const name = path.slice(0, -'.dig'.length)
      const wrong = wrongWorkflowName(name)
      if (wrong !== undefined) {
        report.problem(
          'WORKFLOW_NAME',
          `Workflow name "${name}" ${wrong}`,
          undefined,
          'Rename the file.',
        )
      }
      const onProblem = (problem: Problem): void => void report.problems.push(problem)
      const file = readFile({ files, places, onProblem }, path)
      return file === undefined ? [] : [compileWorkflow(name, file, report, options.isTimezone)]
    })
  checkCalledFiles(files, options)
  return { workflows, problems: report.problems, warnings: report.warnings }

  /** Files in folders run only when `call>` names them, so their mistakes are no refusal. */
  function checkCalledFiles(all: ProjectTexts, { isTimezone }: CompileOptions): void {
    for (const path of all.keys()) {
      if (!path.endsWith('.dig') || !path.includes('/')) continue
      const onProblem = (problem: Problem): void => void report.warnings.push(problem)
      const file = readFile({ files: all, places, onProblem }, path)
      const name = path.slice(path.lastIndexOf('/') + 1, -'.dig'.length)
      if (file !== undefined) compileWorkflow(name, file, report.asWarnings(), isTimezone)
    }
  }
}

export type CompiledTask =
  | { readonly task: TaskDefinition; readonly problems: readonly [] }
  | { readonly task: undefined; readonly problems: readonly Problem[] }

/** Compiles a task mapping that a run made: a `_do`, an `_error`, a Python subtask. */
export function compileTask(name: string, mapping: JsonObject): CompiledTask {
  const report = createReport(createPlaces())
  const task = compileTaskInto(name, mapping, report)
  if (report.problems.length > 0) return { task: undefined, problems: report.problems }
  return { task, problems: [] }
}

/**
 * Reads a file for `call>` as a task mapping: checked like a workflow, and with the exported parameter
 * `_workdir` when it stands in a folder.
 */
export function readCalledFile(
  files: ProjectTexts,
  path: string,
  options: CompileOptions,
): { readonly mapping?: JsonObject; readonly problems: readonly Problem[] } {
  const places = createPlaces()
  const report = createReport(places)
  const onProblem = (problem: Problem): void => void report.problems.push(problem)
  const file = readFile({ files, places, onProblem }, path)
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
