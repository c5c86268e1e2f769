import { appendFileSync } from 'node:fs'
import pg from 'pg'

/**
 * A setup file for Vitest: writes each statement that code of `store/` sends to PostgreSQL, as a line of JSON, to the
 * file that SUIRO_STATEMENTS names.
 */
const file = process.env['SUIRO_STATEMENTS']

/** Code of the store itself, not of its tests. */
const isStore = (frame: string): boolean =>
  /\/store\/[\w-]+\.ts/.test(frame) && !/\.test\.ts|\/testing\.ts|\/fixtures\.ts/.test(frame)

/** A prepared statement comes as an object. */
const textOf = (statement: unknown): string | undefined =>
  statement !== null && typeof statement === 'object' && 'text' in statement
    ? String(statement.text)
    : undefined

const seen = new Set<string>()

if (file !== undefined) {
  Error.stackTraceLimit = 30
  const { prototype } = pg.Client
  const query = Reflect.get(prototype, 'query') as (...args: readonly unknown[]) => unknown
  const recording = function (this: pg.Client, ...args: readonly unknown[]): unknown {
    const [first] = args
    const text = typeof first === 'string' ? first : textOf(first)
    if (text !== undefined && !seen.has(text)) {
      if ((new Error().stack ?? '').split('\n').some(isStore)) {
        seen.add(text)
        appendFileSync(file, `${JSON.stringify(text)}\n`)
      }
    }
    return query.apply(this, [...args])
  }
  Object.assign(prototype, { query: recording })
}
