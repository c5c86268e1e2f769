import { parseJson } from '#workflows/domain/json-text.ts'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { isDeeperThan, mostLevels } from '../nesting.ts'
import type { Found } from './place.ts'

/** What a command left in its output file: nothing, an object, or something else and why it cannot be used. */
export type Output =
  | { readonly kind: 'none' }
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'broken'; readonly why: string }

/** Understands the file in which a command says what it stores. */
export function outputOf(found: Found): Output {
  if (found.kind === 'nothing') return { kind: 'none' }
  if (found.kind === 'refused') return { kind: 'broken', why: found.why }
  if (found.text.trim() === '') return { kind: 'none' }
  try {
    const value = parseJson(found.text) as Json
    if (isDeeperThan(value, mostLevels)) {
      return { kind: 'broken', why: `it is nested deeper than ${mostLevels} levels` }
    }
    return isObject(value)
      ? { kind: 'object', value }
      : { kind: 'broken', why: 'it holds JSON, but no object' }
  } catch (error) {
    return { kind: 'broken', why: `it holds no JSON (${(error as Error).message})` }
  }
}
