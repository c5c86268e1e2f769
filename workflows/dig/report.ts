import type { OperatorSyntax } from './operators/spec.ts'
import { operatorTable } from './operators/table.ts'
import type { Places } from './read/places.ts'
import type { Problem, ProblemCode } from './problem.ts'

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
  problem(code: ProblemCode, message: string, about?: About, advice?: string): void
  warning(code: ProblemCode, message: string, about?: About, advice?: string): void
  /** Lets problems of a mapping made out of another be found where that one is. */
  carryOver(from: object, to: object): void
  /** The same report, in which problems count as warnings only. */
  asWarnings(): Report
}

export function createReport(places: Places, operators = operatorTable): Report {
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
  const report: Report = {
    problems,
    warnings,
    operators,
    problem: add(problems),
    carryOver: (from, to) => places.carryOver(from, to),
    warning,
    asWarnings: () => ({ ...report, problem: warning }),
  }
  return report
}
