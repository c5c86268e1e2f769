/**
 * The connection broke while a transaction was committed: only the status table knows what became of it.
 * No failure of the task, but a reason to call the same try again, which asks the table.
 */
export class CommitInDoubtError extends Error {
  constructor(cause: unknown) {
    super(
      'The connection to PostgreSQL was lost while committing; the status table knows the end',
      {
        cause,
      },
    )
    this.name = 'CommitInDoubtError'
  }
}
