import type { Json, JsonObject } from '#workflows/domain/json.ts'

/** A project, and what a server must make of it; `expected.json` in the case's folder. */
export interface ConformanceCase {
  readonly name: string
  /** The project's files by path. */
  readonly files: ReadonlyMap<string, string>
  readonly expected: Expected
}

export interface Expected extends Outcome {
  /** The fact that the case proves, in one sentence. */
  readonly what: string
  /** Whether a real server was recorded, or the facts of its specification were written down. */
  readonly origin: 'digdag 0.10.5.1' | 'specification'
  readonly rule: Rule
  /** What a machine must have; the case is reported as not run where it is missing. */
  readonly needs?: readonly string[]
  /** Set in the project before the start. */
  readonly secrets?: Readonly<Record<string, string>>
  readonly push: Answered
  /** In our words: what a push says of each mistake. */
  readonly refused?: readonly {
    readonly code: string
    readonly line?: number
    readonly message: string
  }[]
  /** What is done after the first attempt: another start, or a resumption. */
  readonly next?: readonly Step[]
  readonly differs?: readonly MeantDifference[]
}

/** Where a fact belongs: a section of Digdag's documentation and a heading of the compatibility page. */
export interface Rule {
  readonly section: string
  readonly topic: string
  readonly option?: string
}

export interface Step extends Outcome {
  readonly what: string
}

/** One start and what came of it; what is left out is not compared. */
export interface Outcome {
  /** A folder of the case that is pushed as a new revision before; its files lie over the first ones. */
  readonly pushed?: string
  readonly start?: Start & Answered
  /** Killed as soon as a task has a state. */
  readonly kill?: { readonly task: string; readonly state: string }
  readonly attempt?: {
    readonly status: string
    readonly done?: boolean
    readonly success?: boolean
    readonly cancelRequested?: boolean
    readonly params?: JsonObject
  }
  /** All tasks; of each what is given is compared. */
  readonly tasks?: readonly ExpectedTask[]
  /** What tasks printed; the others must have printed nothing. */
  readonly logs?: Readonly<Record<string, readonly string[]>>
}

export interface Start {
  readonly workflow?: string
  readonly sessionTime: string
  readonly params?: JsonObject
  readonly retryAttemptName?: string
  /** `failed`, or `from` a task, of the attempt before. */
  readonly resume?: { readonly mode: 'failed' } | { readonly mode: 'from'; readonly from: string }
}

export interface Answered {
  readonly status: number
  /** Words that a refusal must hold; absent where the specification gives none. */
  readonly error?: string | null
}

export interface ExpectedTask {
  readonly fullName: string
  readonly state: string
  readonly isGroup?: boolean
  readonly parent?: string | null
  readonly upstreams?: readonly string[]
  readonly config?: JsonObject
  readonly exportParams?: JsonObject
  readonly storeParams?: JsonObject
  readonly error?: JsonObject
  /** Words that the error's message must hold, where the whole of it is not known. */
  readonly errorWords?: string
}

/** Where Suiro differs on purpose. */
export interface MeantDifference {
  readonly what: string
  readonly reason: string
  /**
   * Suiro's values by their place in the outcome, such as `/tasks/+case+a/error/message`; null where
   * Suiro has nothing.
   */
  readonly ours: Readonly<Record<string, Json>>
}
