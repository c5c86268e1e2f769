import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A part of the page: topics in the order in which a reader of `.dig` files meets them. */
export interface Part {
  readonly title: string
  readonly topics: readonly Topic[]
}

/** A directive, an operator, or another thing that facts are about; cases name it in their rule. */
export interface Topic {
  readonly name: string
  readonly about: string
  readonly notes?: readonly Note[]
}

/** A fact that no case can show: of time, of a service, of many tasks. */
export interface Note {
  readonly option?: string
  readonly what: string
  /** `as Digdag`, or in which way not and why. */
  readonly suiro: string
  /** A file of the project that proves it. */
  readonly proof?: string
}

/** The page's plan, with the facts that are no cases. */
export const readParts = (): readonly Part[] =>
  parse(readFileSync(new URL('notes.yml', import.meta.url), 'utf8')) as readonly Part[]
