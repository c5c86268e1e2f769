import { lstat, readFile } from 'node:fs/promises'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { isDeeperThan, mostLevels } from '../nesting.ts'

/** What a command says of itself is kept in the database with its task. */
const largest = 16 * 1024 * 1024

/** What a command left in its output file: nothing, an object, or something else, which is told. */
export type Output =
  | { readonly kind: 'none' }
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'broken'; readonly why: string }

/** Reads the file in which a command says what it stores. */
export async function readOutput(file: string): Promise<Output> {
  const found = await lstat(file).catch(() => undefined)
  if (found === undefined) return { kind: 'none' }
  // A pipe would be waited for without end, and a link could lead to any file of the worker.
  if (!found.isFile()) return { kind: 'broken', why: 'it is no plain file' }
  if (found.size > largest) return { kind: 'broken', why: 'it is larger than 16 MB' }
  const text = await readFile(file, 'utf8')
  if (text.trim() === '') return { kind: 'none' }
  try {
    const value = JSON.parse(text) as Json
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
