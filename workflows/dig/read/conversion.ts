import { isScalar, type Document, type Node } from 'yaml'
import type { Json, JsonObject } from '../../domain/json.ts'
import type { Place, ProblemCode } from '../problem.ts'
import type { Aliases } from './aliases.ts'
import type { Budget, Reader } from './reader.ts'

/** One file on its way from YAML's nodes to JSON values. */
export interface Conversion {
  readonly reader: Reader
  readonly document: Document
  readonly file: string
  readonly placeAt: (offset: number) => Place
  readonly aliases: Aliases
  /** Where the text ends, if its last line has no end. */
  readonly cutOffAt?: number
  /** This file and those that include it, outermost first. */
  readonly includedFrom: readonly string[]
  /** A node as JSON; undefined when it has a mistake, which is reported. */
  readonly convert: (node: unknown) => Json | Reported
  readonly readInclude: (path: string) => JsonObject | undefined
  readonly budget: Budget
  /** The collections around the node that is converted now. */
  readonly open: Set<unknown>
}

export type Reported = undefined

export const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0

export function refuse(
  at: Conversion,
  node: unknown,
  code: ProblemCode,
  message: string,
  advice: string,
): Reported {
  at.reader.onProblem({ code, message, place: at.placeAt(offsetOf(node)), advice })
  return undefined
}

export const isEmptyKey = (key: unknown): boolean => isScalar(key) && key.value === ''
