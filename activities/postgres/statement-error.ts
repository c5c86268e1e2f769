import type pg from 'pg'
import { OperatorError } from '../failure.ts'

/** A statement that the server refused, in the server's words. */
export class StatementError extends OperatorError {
  readonly refused: pg.DatabaseError
  readonly statement: string

  constructor(refused: pg.DatabaseError, statement = '', where = '') {
    const { message, detail, hint } = refused
    const lines = [
      `ERROR: ${message}${where === '' ? '' : ` (${where})`}`,
      detail && `DETAIL: ${detail}`,
      hint && `HINT: ${hint}`,
    ]
    super(lines.filter(Boolean).join('\n  '), { cause: refused, code: 'SQL' })
    this.refused = refused
    this.statement = statement
  }
}
