/** Where in a project's files something stands; lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The words of that line. */
  readonly text: string
}

/** A mistake in a project: what, where, and how to mend it. */
export interface Problem {
  readonly code: string
  /** What is wrong, in Digdag's own words where Digdag refuses the same thing. */
  readonly message: string
  readonly place?: Place
  /** How to mend it, for someone who has never seen our code. */
  readonly advice?: string
}
