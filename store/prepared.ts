import { createHash } from 'node:crypto'

/** A text that comes but once, or is written anew each time, is not worth a name. */
const usesBefore = 3
/** Ours are a few hundred; a connection never gives a name back, so there is an end to them. */
const mostNames = 500
const longestText = 8_000
/** Texts that are counted; with more of them the count begins again. */
const mostCounted = 2_000

/** A statement as pg takes it; with a name, PostgreSQL reads and plans it once for each connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

/**
 * Gives names to the statements that a process sends again and again: reading and planning them costs PostgreSQL more
 * than running most of them. Statements name the columns that they answer, so a migration beside them changes no answer.
 */
export function createPrepared(): (text: string, values: readonly unknown[]) => Statement {
  const uses = new Map<string, number>()
  const names = new Map<string, string>()
  return (text, values) => {
    const name = names.get(text)
    if (name !== undefined) return { name, text, values }
    if (text.length > longestText || names.size >= mostNames) return { text, values }
    const count = (uses.get(text) ?? 0) + 1
    if (count >= usesBefore) {
      names.set(text, createHash('sha256').update(text).digest('hex').slice(0, 32))
      uses.delete(text)
    } else {
      if (uses.size >= mostCounted) uses.clear()
      uses.set(text, count)
    }
    return { text, values }
  }
}
