import { compileWorkflow } from './compile/compile-workflow.ts'
import { wrongWorkflowName } from './compile/names.ts'
import type { WorkflowDefinition } from './definition.ts'
import type { OperatorSyntax } from './operators/spec.ts'
import { withOwnOperators } from './operators/table.ts'
import type { Problem } from './problem.ts'
import { createPlaces } from './read/places.ts'
import { readFile } from './read/read-file.ts'
import { createReader, type ProjectTexts } from './read/reader.ts'
import { createReport, type UnsupportedOperators } from './report.ts'
import { excerpt } from '../domain/cut.ts'

export interface CompileOptions {
  /** Whether a time zone is known; time zones are not for Temporal's sandbox. */
  readonly isTimezone: (zone: string) => boolean
  /** A team's own operators, so that their names and options are no mistakes. */
  readonly ownOperators?: readonly OperatorSyntax[]
  /** `refuse` unless said otherwise. */
  readonly unsupportedOperators?: UnsupportedOperators
}

export interface CompiledProject {
  readonly workflows: readonly WorkflowDefinition[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Compiles every workflow of a project (its root's `.dig` files); reports the mistakes of all at once. */
export function compileProject(files: ProjectTexts, options: CompileOptions): CompiledProject {
  const { isTimezone, ownOperators = [], unsupportedOperators = 'refuse' } = options
  const places = createPlaces()
  const operators = withOwnOperators(ownOperators)
  const report = createReport(places, { operators, files, unsupportedOperators })
  const onProblem = (problem: Problem): void => void report.problems.push(problem)
  const onWarning = (problem: Problem): void => void report.warnings.push(problem)
  // Dot files are no part of a project for Digdag: an editor's or a Mac's own (`._main.dig`).
  const paths = [...files.keys()].filter((path) => /(^|\/)[^./][^/]*\.dig$/.test(path))

  const reader = createReader({ files, places, onProblem, onWarning })
  const workflows = paths
    .filter((path) => !path.includes('/'))
    .flatMap((path) => {
      const name = path.slice(0, -'.dig'.length)
      checkName(name, path)
      const file = readFile(reader, path)
      return file === undefined ? [] : [compileWorkflow(name, file, report, isTimezone)]
    })

  // Files in folders run only when `call>` names them, so their mistakes are no refusal.
  const lenient = createReader({ files, places, onProblem: onWarning, onWarning })
  for (const path of paths.filter((path) => path.includes('/'))) {
    const file = readFile(lenient, path)
    if (file === undefined) continue
    const name = path.slice(path.lastIndexOf('/') + 1, -'.dig'.length)
    compileWorkflow(name, file, report.asWarnings(), isTimezone)
    for (const key of ['schedule', 'sla'] as const) {
      if (file[key] === undefined) continue
      report.warning(
        'DIRECTIVE_IGNORED',
        `"${key}:" of ${path} never takes effect: workflows are the .dig files in the project's root`,
        { mapping: file, key },
        `Move the file to the root, or write "${key}:" in the workflow that calls it.`,
      )
    }
  }
  return { workflows, problems: reported(report.problems), warnings: reported(report.warnings) }

  function checkName(name: string, path: string): void {
    const wrong = wrongWorkflowName(name)
    if (wrong === undefined) return
    const [text = ''] = files.get(path)?.split(/\r?\n/, 1) ?? []
    report.problems.push({
      code: 'WORKFLOW_NAME',
      message: `Workflow name "${name}" ${wrong}`,
      place: { file: path, line: 1, column: 1, text },
      advice:
        'Rename the file: letters from a to z, digits behind the first, "_", "-" and "." are safe.',
    })
  }
}

const mostReported = 200

/** What is shared by several workflows is reported once, and not thousands of the same kind. */
function reported(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(
    problems.map((problem) => {
      const { file, line, column } = problem.place ?? {}
      return [JSON.stringify([problem.message, file, line, column]), problem]
    }),
  )
  const all = [...unique.values()]
  if (all.length <= mostReported) return all.map(bounded)
  const [last] = all.slice(mostReported - 1, mostReported)
  const rest: Problem = {
    code: 'TOO_MANY',
    message: `and ${all.length - mostReported} more`,
    ...(last?.place === undefined ? {} : { place: last.place }),
    advice: 'Fix those above and push again.',
  }
  return [...all.slice(0, mostReported).map(bounded), rest]
}

/** Names and values of a message are the author's, of any length. */
function bounded(problem: Problem): Problem {
  const clip = (text: string): string => excerpt(text, 600)
  const { message, advice } = problem
  return {
    ...problem,
    message: clip(message),
    ...(advice === undefined ? {} : { advice: clip(advice) }),
  }
}
