import createFastifyError from '@fastify/error'
import type { Problem } from '#workflows/dig/problem.ts'

const ourKinds: (new (...args: never[]) => Error)[] = []

/** Every kind is noted where it is made, so that none is forgotten by `isOurs`. */
const createError = ((...args: Parameters<typeof createFastifyError>) => {
  const kind = createFastifyError(...args)
  ourKinds.push(kind)
  return kind
}) as typeof createFastifyError

/** Every error the API can answer: code, sentence, status. Digdag's own words where it has some. */

export const NotFound = createError<[string]>('NOT_FOUND', 'Resource does not exist: %s', 404)
export const ProjectDeleted = createError<[number, string]>(
  'PROJECT_DELETED',
  'Project id=%s is already deleted at %s',
  404,
)
export const UnknownPath = createError<[string, string]>(
  'UNKNOWN_PATH',
  'There is nothing at %s %s. All paths are listed at /docs',
  404,
)
export const MethodNotAllowed = createError<[string, string, string]>(
  'METHOD_NOT_ALLOWED',
  '%s is not possible at %s; allowed: %s',
  405,
)

export const HostUnknown = createError<[string]>(
  'HOST_UNKNOWN',
  'This API is not known as "%s". Use the address that it was started with, or add the name to SUIRO_ALLOWED_HOSTS',
  403,
)
export const OriginForeign = createError<[string]>(
  'ORIGIN_FOREIGN',
  'A page of %s may change nothing here. Only pages of this address may; if that is the name of your own proxy, add it to SUIRO_ALLOWED_HOSTS',
  403,
)

export const RequestInvalid = createError<[string]>('REQUEST_INVALID', '%s', 400)
export const ParameterUnknown = createError<[string]>('PARAMETER_UNKNOWN', '%s', 400)
export const FieldUnknown = createError<[string]>('FIELD_UNKNOWN', '%s', 400)
export const ContentTypeUnknown = createError<[string, string]>(
  'CONTENT_TYPE',
  'Cannot consume content type %s. Send the header "Content-Type: %s"',
  400,
)
export const JsonInvalid = createError<[string]>(
  'JSON_INVALID',
  'The body is not valid JSON: %s',
  400,
)
export const BodyTooLarge = createError<[number]>(
  'BODY_TOO_LARGE',
  'Size of the body exceeds limit (%s bytes)',
  400,
)
export const PageTooLarge = createError<[number, number, number]>(
  'PAGE_TOO_LARGE',
  'Your specified page_size is %s, but it is larger than MAX_PAGE_SIZE: %s. You must specify page_size with a number which is not larger than %s.',
  400,
)
export const TimeInvalid = createError<[string, string, string]>(
  'TIME_INVALID',
  '%s is not a time: "%s". Expected %s',
  400,
)

export const NameInvalid = createError<[string]>('NAME_INVALID', '%s', 400)
export const ArchiveNotGzip = createError<[]>(
  'ARCHIVE_NOT_GZIP',
  'Input is not in the .gz format. Send a tar archive compressed by gzip: tar czf - *.dig',
  400,
)
export const ArchiveDamaged = createError<[string]>(
  'ARCHIVE_DAMAGED',
  'The archive cannot be read: %s',
  400,
)
export const ArchiveTooLarge = createError<[number]>(
  'ARCHIVE_TOO_LARGE',
  'Size of the uploaded archive file exceeds limit (%s bytes), packed or unpacked. Leave out what no task reads, or raise SUIRO_MAX_ARCHIVE_BYTES of the API',
  400,
)
export const PushTooHeavy = createError<[string]>(
  'PUSH_TOO_HEAVY',
  'Checking the project takes more than %s. Cut its largest .dig file into several, or leave out files that no task reads',
  400,
)
export const TooManyPushes = createError<[number]>(
  'TOO_MANY_PUSHES',
  '%s other pushes wait to be checked. Push again in a moment',
  503,
)
export const RevisionExists = createError<[string, number | string]>(
  'REVISION_EXISTS',
  'Resource already exists: revision=%s in project id=%s',
  409,
)

export const RevisionGone = createError<[string, string]>(
  'REVISION_GONE',
  'The files of revision %s were removed on %s, as SUIRO_RETENTION says: it can be neither run nor downloaded. Use the newest revision, or push these files again',
  410,
)

export const TasksGone = createError<[number, string]>(
  'TASKS_GONE',
  'The tasks of session attempt id=%s were removed on %s, as SUIRO_RETENTION says',
  410,
)

export const LogsGone = createError<[number, string]>(
  'LOGS_GONE',
  'The logs of attempt %s were removed on %s, as SUIRO_RETENTION says. Its tasks, with their errors, may still be there: GET /api/attempts/{id}/tasks',
  410,
)
export const RangeUnsatisfiable = createError<[string, number]>(
  'RANGE_UNSATISFIABLE',
  'No character of the log begins in the range %s: it has %s bytes now',
  416,
)

export const NoSchedule = createError<[string]>(
  'NO_SCHEDULE',
  'session_time_truncate=%s is set but schedule is not set to this workflow',
  400,
)

export const SkipToPast = createError<[string, string]>(
  'SKIP_TO_PAST',
  'Specified time to skip schedules is already past: the session %s is next, and %s is not after it. Name a later time, or a greater count',
  409,
)
export const BackfillNameTaken = createError<[number, string, string, string]>(
  'BACKFILL_NAME_TAKEN',
  'Attempt of project id=%s workflow=%s instant=%s attempt name=%s already exists',
  409,
)
export const BackfillTooFew = createError<[number, number, string]>(
  'BACKFILL_TOO_FEW',
  'count is %s, but there are only %s sessions until the next one of the schedule, %s. Ask for fewer, or leave count out for all',
  400,
)
export const BackfillTooMany = createError<[number]>(
  'BACKFILL_TOO_MANY',
  'There are more than %s sessions from that time on. Ask for so many with count, and for the others from a later time on once these have run',
  400,
)

export const ResumeRunning = createError<[number]>(
  'RESUME_RUNNING',
  'Attempt %s is still running: wait for its end, or kill it, before it can be resumed',
  400,
)
export const ResumeSucceeded = createError<[number]>(
  'RESUME_SUCCEEDED',
  'Attempt %s succeeded, so there is nothing to resume. Start again without "resume" to run all tasks',
  400,
)
export const ResumeTasksGone = createError<[number, string]>(
  'RESUME_TASKS_GONE',
  'The tasks of attempt %s were removed on %s, as SUIRO_RETENTION says, so nobody knows what is left to do. Start again without "resume" to run all tasks',
  400,
)
export const ResumeNoMatch = createError<[string]>(
  'RESUME_NO_MATCH',
  "Task pattern '%s' doesn't match with any tasks.",
  400,
)
export const ResumeAmbiguous = createError<[string, string]>(
  'RESUME_AMBIGUOUS',
  "Task pattern '%s' is ambiguous: %s. Write more of the task's full name",
  400,
)
export const ResumeNotSuccessful = createError<[string, string]>(
  'RESUME_NOT_SUCCESSFUL',
  "Cannot resume from '%s': these tasks before it did not succeed: %s",
  400,
)
export const AttemptDone = createError<[]>(
  'ATTEMPT_DONE',
  'Session attempt already killed or finished',
  409,
)
export const IdempotencyKeyReused = createError<[string, number]>(
  'IDEMPOTENCY_KEY_REUSED',
  'The Idempotency-Key "%s" belongs to attempt %s, which runs another workflow. Use a new key for a new start',
  422,
)

export const SecretInvalid = createError<[string]>(
  'SECRET_INVALID',
  'Invalid secret key "%s": use letters, digits, "_" and "-" in parts joined by dots, at most 255 characters',
  400,
)
export const SecretTooLarge = createError<[string, number, number]>(
  'SECRET_TOO_LARGE',
  "The secret '%s' has %s bytes, but may have %s. Keep what is larger in a storage bucket, and the key to it here",
  400,
)
export const SecretsUnavailable = createError<[]>(
  'SECRETS_UNAVAILABLE',
  'Secrets cannot be stored: SUIRO_SECRET_KEY is not set for the API. Make one with: openssl rand -base64 32',
  503,
)
export const TemporalUnavailable = createError<[string]>(
  'TEMPORAL_UNAVAILABLE',
  'Temporal does not answer. %s',
  503,
)

export const DatabaseUnavailable = createError<[]>(
  'DATABASE_UNAVAILABLE',
  'The database does not answer. Ask again in a moment; look first, where something was to be changed: it may be done',
  503,
)

export const WorkflowFormatNewer = createError<[string]>('WORKFLOW_FORMAT_NEWER', '%s', 503)

/** A pushed project with mistakes: all of them at once, readable and as data. */
export class ProjectRejected extends Error {
  readonly code = 'PROJECT_REJECTED'
  readonly statusCode = 400
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], format: (problem: Problem) => string) {
    super(['Validating project failed', ...problems.map(format)].join('\n'))
    this.name = 'ProjectRejected'
    this.problems = problems
  }
}

/** Whether an error is one of this file, so that its words may be shown. */
export const isOurs = (error: Error): boolean =>
  error instanceof ProjectRejected || ourKinds.some((kind) => error instanceof kind)
