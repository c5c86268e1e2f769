import type { Json, JsonObject } from '#workflows/domain/json.ts'

/** A small project after a public bug report, and what is right; `report.yml` in its folder. */
export interface Report {
  /** Where the like was reported. */
  readonly source: string
  /** What is right, in one sentence. */
  readonly right: string
  /** Set in the project before the first start; `$PG_PASSWORD` is the test server's. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Objects of the bucket that must be there. */
  readonly objects?: Readonly<Record<string, string>>
  /** What is done, in order; the folder is pushed first unless a step pushes. */
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly push: Push }
  | { readonly run: Run }
  | { readonly request: Request }
  | { readonly pause: Pause }

export interface Push {
  /** These beside the folder's files, as an archive may hold them. */
  readonly entries?: readonly Entry[]
  /** 200 unless said otherwise. */
  readonly status?: number
  readonly says?: readonly string[]
  readonly never?: readonly string[]
  /** The names of the workflows that it makes. */
  readonly workflows?: readonly string[]
}

export interface Entry {
  readonly name: string
  readonly type?: 'file' | 'symlink' | 'link' | 'directory' | 'fifo'
  readonly to?: string
  readonly content?: string
  readonly mode?: string
}

export interface Run {
  readonly workflow?: string
  readonly session?: string
  readonly params?: JsonObject
  /** Numbers exactly as they are written. */
  readonly numbers?: Readonly<Record<string, string>>
  readonly retryAttemptName?: string
  readonly resume?: 'failed'
  /** 200 unless said otherwise; then nothing is waited for. */
  readonly status?: number
  readonly says?: readonly string[]
  /** Killed as soon as this task has one of these states, or has printed this. */
  readonly kill?: {
    readonly task: string
    readonly states?: readonly string[]
    readonly printed?: string
  }
  /** Seconds that the attempt may take. */
  readonly within?: number
  readonly ends?: 'success' | 'error' | 'killed' | 'any'
  /** States, or words of the error. */
  readonly tasks?: Readonly<Record<string, string | { readonly error: readonly string[] }>>
  /** Texts that a task's log holds, in this order. */
  readonly prints?: Readonly<Record<string, readonly string[]>>
  readonly never?: Readonly<Record<string, readonly string[]>>
  /** Tasks that never come to be. */
  readonly absent?: readonly string[]
  /** Least seconds between a task's start and its end. */
  readonly lasts?: Readonly<Record<string, number>>
  /** How often a task's log was begun. */
  readonly logFiles?: Readonly<Record<string, number>>
  /** Fields of the ended attempt's answer as text. */
  readonly answer?: readonly string[]
}

export interface Request {
  /** `GET /api/…`; `$PROJECT`, `$PROJECT_ID`, `$WORKFLOW_ID` and `$ATTEMPT` stand for the case's own. */
  readonly ask: string
  readonly body?: Json
  readonly status: number | readonly number[]
  readonly says?: readonly string[]
  readonly never?: readonly string[]
  /** How many items a list of the answer has. */
  readonly count?: Readonly<Record<string, number>>
}

/** The schedule is disabled, a session is missed, and the schedule is enabled with this body. */
export interface Pause {
  readonly enable: JsonObject
  readonly missed: 'run' | 'skipped'
}
