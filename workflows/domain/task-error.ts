/**
 * Why a task failed, in a word: what an alert or a query sorts by. Its sentence is beside it, for people. The list is
 * closed; a word is added, never given another meaning.
 */
export const taskErrorCodes = {
  CONFIG: 'what is written in the workflow cannot be done',
  EXPRESSION: 'a `${…}` could not be evaluated',
  FILE_NOT_FOUND: 'a file of the project is not there',
  SECRET: 'a secret is missing, or may not be read',
  FAILED: 'the task says that it failed, as `fail>` does, or an operator of the team',
  COMMAND: 'a command or a script ended with an error, or could not be started',
  SQL: 'a database refused a statement',
  JOB: 'a BigQuery job failed, or was refused',
  HTTP: 'a server answered a request with an error',
  UNREACHABLE: 'a server could not be reached, or the connection was lost',
  TIMEOUT: 'there was no answer, or no end, in the time that is allowed',
  LIMIT: 'a result, a file or an output is larger than what is allowed',
  DEPENDENCY: 'the session that is required failed, or is not there',
  IN_DOUBT: 'nobody knows whether the work was done; nothing runs it again by itself',
  WORKER_LOST: 'two workers ended while they ran the task',
  DEFECT: 'a mistake in the code of an operator',
  UNEXPECTED: 'something that nobody foresaw',
} as const satisfies Readonly<Record<string, string>>

export type TaskErrorCode = keyof typeof taskErrorCodes
