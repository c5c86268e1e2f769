import type { OperatorSyntax } from './operators/spec.ts'
import { operatorTable } from './operators/table.ts'
import type { Places } from './read/places.ts'
import type { Problem, ProblemCode } from './problem.ts'
import type { ProjectTexts } from './read/reader.ts'

/** What something is reported about: a mapping, or one key of it. */
export interface About {
  readonly mapping: object
  readonly key?: string
}

/** Collects problems, so that an author sees all mistakes at once. */
export interface Report {
  readonly problems: Problem[]
  readonly warnings: Problem[]
  /** The operators that are known where this is compiled. */
  readonly operators: ReadonlyMap<string, OperatorSyntax>
  /** The project's files, as far as they are known. */
  readonly files: ProjectTexts
  /** What an operator is of whose service Suiro does not speak: a mistake, or one that only its task finds. */
  unsupported(code: ProblemCode, message: string, about?: About, advice?: string): void
  problem(code: ProblemCode, message: string, about?: About, advice?: string): void
  warning(code: ProblemCode, message: string, about?: About, advice?: string): void
  /** Lets problems of a mapping made out of another be found where that one is. */
  carryOver(from: object, to: object): void
  /** The same report, in which problems count as warnings only. */
  asWarnings(): Report
}

export interface ReportOptions {
  readonly operators?: ReadonlyMap<string, OperatorSyntax>
  readonly files?: ProjectTexts
  readonly unsupportedOperators?: UnsupportedOperators
}

/** What a push makes of an operator of another service: it refuses the project, or says so and lets the task fail. */
export type UnsupportedOperators = 'refuse' | 'warn'

export function createReport(places: Places, options: ReportOptions = {}): Report {
  const { operators = operatorTable, files = new Map(), unsupportedOperators = 'refuse' } = options
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const add =
    (list: Problem[]): Report['problem'] =>
    (code, message, about, advice) => {
      const place = about === undefined ? undefined : places.find(about.mapping, about.key)
      list.push({
        code,
        message,
        ...(place === undefined ? {} : { place }),
        ...(advice === undefined ? {} : { advice }),
      })
    }
  const warning = add(warnings)
  const problem = add(problems)
  const report: Report = {
    problems,
    warnings,
    operators,
    files,
    problem,
    unsupported: unsupportedOperators === 'warn' ? warning : problem,
    carryOver: (from, to) => places.carryOver(from, to),
    warning,
    asWarnings: () => ({ ...report, problem: warning, unsupported: warning }),
  }
  return report
}
