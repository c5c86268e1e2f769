import type { FastifyReply } from 'fastify'
import type { LogChoice, LogReader } from '#store/log-reader.ts'
import { mergedLog } from './merged.ts'
import type { OpenAnswers } from './open-answers.ts'
import type { LogQuestion } from './question.ts'
import { searchLogs, type SearchedPiece } from './search.ts'
import { readSections, sectionsOf } from './sections.ts'

export interface Needs {
  readonly reader: LogReader
  readonly answers: OpenAnswers
}

export interface Asked {
  readonly question: LogQuestion
  readonly choice: LogChoice
  /** Headers only. */
  readonly head: boolean
}

export const plainText = 'text/plain; charset=utf-8'

/** The log of all tasks of an attempt, or of those whose names begin alike. */
export function answerMany(
  { reader, answers }: Needs,
  { question, choice, head }: Asked,
  reply: FastifyReply,
) {
  void reply.type(plainText).header('accept-ranges', 'none')
  if (head) return reply.send(null)
  if (question.kind === 'search') {
    const { retries } = choice
    const options = { ...question, firstByte: 0, ...(retries === undefined ? {} : { retries }) }
    return reply.send(
      answers.stream(reply, (gone) => searchLogs(piecesOfAll(reader, choice), options, gone)),
    )
  }
  const follow = question.kind === 'follow'
  const tail = 'tail' in question ? { tail: question.tail } : {}
  return reply.send(
    answers.stream(reply, (gone) => mergedLog(reader, { choice, follow, ...tail }, gone)),
  )
}

/** Task after task, each as the one text in which its bytes are counted. */
async function* piecesOfAll(reader: LogReader, choice: LogChoice): AsyncGenerator<SearchedPiece> {
  const parts = await reader.parts(choice)
  const extents = await reader.extents(parts.map(({ fileId }) => fileId))
  const tasks = Map.groupBy(parts, ({ taskId }) => taskId).values()
  const sections = [...tasks].flatMap((own) =>
    sectionsOf(own, extents, choice.retries === undefined),
  )
  for await (const { section, text } of readSections(reader, sections)) {
    const { taskId, fullName } = section.part
    yield { taskId, fullName, text }
  }
}
