/** Where in a project's files something is; lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The words of that line. */
  readonly text: string
}

/** A mistake in a project: what, where, and how to fix it. */
export interface Problem {
  readonly code: ProblemCode
  /** What is wrong, in Digdag's own words where Digdag refuses the same thing. */
  readonly message: string
  readonly place?: Place
  /** How to fix it, for someone who has never seen our code. */
  readonly advice?: string
}

export type ProblemCode =
  | 'YAML_SYNTAX'
  | 'DUPLICATE_KEY'
  | 'UNKNOWN_TAG'
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'ENCODING'
  | 'ALIAS'
  | 'MERGE'
  | 'KEY'
  | 'SCALAR_SURPRISE'
  | 'INCLUDE_MISSING'
  | 'INCLUDE_OUTSIDE'
  | 'INCLUDE_CYCLE'
  | 'NOT_A_MAPPING'
  | 'WORKFLOW_NAME'
  | 'TASK_NAME'
  | 'TASK_EMPTY'
  | 'TASK_BODY'
  | 'UNKNOWN_KEY'
  | 'TWO_OPERATORS'
  | 'OPERATOR_AND_SUBTASKS'
  | 'OPERATOR_UNKNOWN'
  | 'OPERATOR_NOT_SUPPORTED'
  | 'OPERATOR_COMMAND'
  | 'OPERATOR_BODY'
  | 'OPTION_UNKNOWN'
  | 'AFTER_WITHOUT_PARALLEL'
  | 'AFTER_UNKNOWN'
  | 'BACKGROUND_IN_PARALLEL'
  | 'DIRECTIVE_VALUE'
  | 'DIRECTIVE_IGNORED'
  | 'TIMEZONE'
  | 'SCHEDULE'
  | 'SLA'
  | 'ARCHIVE_ENTRY'
  | 'TOO_MANY'

/** One problem as a text of a few lines: what, where with the line itself, how to fix it. */
export function formatProblem({ message, place, advice }: Problem): string {
  const lines = [message]
  if (place !== undefined) {
    lines.push(`  at ${place.file}:${place.line}:${place.column}`)
    // A tab is one column wide here, so that the mark is below its character.
    lines.push(`    ${place.text.replaceAll('\t', ' ')}`)
    if (place.column <= place.text.length + 1) lines.push(`    ${' '.repeat(place.column - 1)}^`)
  }
  if (advice !== undefined) lines.push(`  ${advice}`)
  return lines.join('\n')
}
