import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { LoggedTask, LogChoice, LogReader } from '#store/log-reader.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { RangeUnsatisfiable, RequestInvalid } from '../errors.ts'
import { plainText, type Asked, type Needs } from './answer-many.ts'
import { readRange, type Span } from './byte-range.ts'
import { followTask } from './follow-task.ts'
import { searchLogs, type SearchedPiece } from './search.ts'
import { sectionsOf } from './sections.ts'
import { createTaskText, type TaskText } from './task-text.ts'

export interface AskedOfTask extends Asked, LoggedTask {
  readonly taskId: TaskId
  readonly headers: IncomingHttpHeaders
}

/** The log of one task, or of one try of it, whose bytes have places. */
export async function answerTask(
  { reader, answers }: Needs,
  asked: AskedOfTask,
  reply: FastifyReply,
) {
  const { question, choice, head, headers } = asked
  const { range, 'if-range': condition } = headers
  if (range !== undefined && !(question.kind === 'slice' && isWhole(question))) {
    throw new RequestInvalid(
      'The header Range cannot be sent with offset, limit, tail, follow or search: each of them says itself which part is wanted',
    )
  }
  void reply.type(plainText)
  if (question.kind === 'follow') {
    void reply.header('accept-ranges', 'none')
    if (head) return reply.send(null)
    const begin = async (text: TaskText): Promise<number> =>
      question.tail === undefined
        ? question.offset > text.size
          ? question.offset
          : text.characterFrom(question.offset)
        : text.lineFrom(question.tail)
    const open = (): Promise<TaskText> => openText(reader, choice)
    const isOver = (): Promise<boolean> => isTryOver(reader, asked)
    return reply.send(answers.stream(reply, (gone) => followTask(open, isOver, begin, gone)))
  }

  const text = await openText(reader, choice)
  if (question.kind === 'search') {
    void reply.header('accept-ranges', 'none')
    if (head) return reply.send(null)
    const firstByte = await text.characterFrom(question.offset)
    const { retries } = choice
    const options = { ...question, firstByte, ...(retries === undefined ? {} : { retries }) }
    const pieces = piecesFrom(text, firstByte, asked)
    return reply.send(answers.stream(reply, (gone) => searchLogs(pieces, options, gone)))
  }

  void reply.header('accept-ranges', 'bytes')
  // There is nothing by which a condition could be judged, so it is not met: the whole is answered.
  const part = condition === undefined ? readRange(range, text.size) : undefined
  const span =
    question.kind === 'tail'
      ? { from: await text.lineFrom(question.tail), to: text.size }
      : part === 'nothing'
        ? { from: text.size, to: text.size }
        : await wholeCharacters(text, part ?? sliceOf(question, text))
  if (part !== undefined) {
    if (span.from >= span.to) {
      void reply.header('content-range', `bytes */${text.size}`)
      throw new RangeUnsatisfiable(range ?? '', text.size)
    }
    void reply.code(206).header('content-range', `bytes ${span.from}-${span.to - 1}/${text.size}`)
  }
  void reply.header('content-length', span.to - span.from)
  if (head || span.from === span.to) return reply.send(head ? null : '')
  return reply.send(answers.stream(reply, () => text.pieces(span)))
}

const isWhole = ({ offset, limit }: { readonly offset: number; readonly limit?: number }) =>
  offset === 0 && limit === undefined

const sliceOf = (
  { offset, limit }: { readonly offset: number; readonly limit?: number },
  { size }: TaskText,
): Span => ({ from: offset, to: limit === undefined ? size : Math.min(size, offset + limit) })

/** The characters that begin in a span. */
async function wholeCharacters(text: TaskText, { from, to }: Span): Promise<Span> {
  const start = await text.characterFrom(from)
  return { from: start, to: Math.max(start, await text.characterFrom(to)) }
}

async function openText(reader: LogReader, choice: LogChoice): Promise<TaskText> {
  const parts = await reader.parts(choice)
  const extents = await reader.extents(parts.map(({ fileId }) => fileId))
  return createTaskText(reader, sectionsOf(parts, extents, choice.retries === undefined))
}

async function isTryOver(reader: LogReader, { choice, taskId }: AskedOfTask): Promise<boolean> {
  const task = await reader.task(choice.attemptId, taskId)
  if (task === undefined || task.ended) return true
  return choice.retries !== undefined && task.retries > choice.retries
}

async function* piecesFrom(
  text: TaskText,
  from: number,
  { taskId, fullName }: AskedOfTask,
): AsyncGenerator<SearchedPiece> {
  for await (const piece of text.pieces({ from, to: text.size })) {
    yield { taskId, fullName, text: piece }
  }
}
