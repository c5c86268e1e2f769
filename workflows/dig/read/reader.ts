import type { Problem } from '../problem.ts'
import type { ParsedFile } from './parsed-file.ts'
import type { Places } from './places.ts'

/** A project's files as text, by their path from the root. */
export type ProjectTexts = Pick<ReadonlyMap<string, string>, 'get' | 'has' | 'keys'>

/** What reading a project's files shares: where they are, what was found wrong, how much is left. */
export interface Reader {
  readonly files: ProjectTexts
  readonly places: Places
  readonly onProblem: (problem: Problem) => void
  readonly onWarning: (problem: Problem) => void
  /** A file included by many is parsed once. */
  readonly parsed: Map<string, ParsedFile | undefined>
  /** Aliases and includes can make small files huge; the budgets end that. */
  readonly budget: Budget
  hints: number
}

export interface Budget {
  values: number
}

/** Looking for the file that was meant takes time where there are thousands. */
const projectHints = 100

/** So many values may all files of a project come to, and so many one workflow with its includes. */
const projectValues = 1_000_000
export const fileValues = 200_000

export const createReader = (
  needs: Pick<Reader, 'files' | 'places' | 'onProblem' | 'onWarning'>,
): Reader => ({
  ...needs,
  parsed: new Map(),
  budget: { values: projectValues },
  hints: projectHints,
})
