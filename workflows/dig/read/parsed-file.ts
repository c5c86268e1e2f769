import type { Document } from 'yaml'
import type { Place } from '../problem.ts'
import type { Aliases } from './aliases.ts'

/** A file as YAML's nodes, and where they are. */
export interface ParsedFile {
  readonly document: Document
  readonly placeAt: (offset: number) => Place
  readonly aliases: Aliases
  /** Where the text ends, if its last line has no end. */
  readonly cutOffAt?: number
}
