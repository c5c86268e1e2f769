import type { Readable } from 'node:stream'
import { Type, type Static } from 'typebox'
import type { LogExtent, LogPart } from '#store/log-reader.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { instant } from '../time.ts'
import { IdOf, IdText, idText, Instant, Nullable } from './common.ts'

export const TaskPrefix = Type.String({
  description: "Start of the task's full name, e.g. +main+load; several tasks may begin so",
  examples: ['+main+load'],
})

export const LogTextQuery = Type.Object({
  task: Type.Optional(TaskPrefix),
  task_id: Type.Optional(IdOf<TaskId>('one task, whose log is answered without marks')),
  try: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'One try only; 1 is the first' }),
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'With task_id: the first byte of the text (UTF-8) that is wanted; inside a character, the next character',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'With task_id: bytes from offset on; the last character is answered whole',
    }),
  ),
  tail: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100_000, description: 'The last lines only' }),
  ),
  follow: Type.Optional(
    Type.Boolean({ description: 'Goes on until nothing more can be written, as `tail -f`' }),
  ),
  search: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'Answers the lines that hold this text, each with its place',
    }),
  ),
  ignore_case: Type.Optional(Type.Boolean({ description: 'With search: a is A, too' })),
  max_matches: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'With search: so many lines at the most; 1000 if absent',
    }),
  ),
})

const LogText = Type.Unsafe<string | Readable>({
  type: 'string',
  examples: [
    '2026-11-24 11:51:00.277 +0000 [INFO] (0001@[0:shop:1:1]+daily+load) suiro: echo>: hi\nhi\n',
  ],
})

export const textAnswer = (description: string) => ({
  description,
  content: { 'text/plain; charset=utf-8': { schema: LogText } },
})

export const LogTry = Type.Object(
  {
    taskId: IdText,
    taskName: Type.String(),
    try: Nullable(
      Type.Integer({
        description:
          '1 is the first; null of a task that was tried again before this was written down',
      }),
    ),
    size: Type.Integer({ description: 'Bytes of text; grows while the try runs' }),
    firstLineAt: Instant,
  },
  { title: 'LogTry' },
)

/** One row for each try of each task that has printed something. */
export function presentTries(
  parts: readonly LogPart[],
  extents: ReadonlyMap<number, LogExtent>,
): Static<typeof LogTry>[] {
  const tries = Map.groupBy(parts, ({ taskId, retries }) => `${taskId} ${retries}`)
  return [...tries.values()].map((files) => {
    const [{ taskId, fullName, retries, createdAt }] = files as [LogPart, ...LogPart[]]
    return {
      taskId: idText(taskId),
      taskName: fullName,
      try: retries === null ? null : retries + 1,
      size: files.reduce((sum, { fileId }) => sum + (extents.get(fileId)?.bytes ?? 0), 0),
      firstLineAt: instant(createdAt),
    }
  })
}
