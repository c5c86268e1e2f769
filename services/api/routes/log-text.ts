import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import type { Store } from '#store/index.ts'
import type { LogChoice } from '#store/log-reader.ts'
import type { Attempt } from '#store/types.ts'
import { LogsGone, NotFound } from '../errors.ts'
import { answerMany } from '../logs/answer-many.ts'
import { answerTask } from '../logs/answer-task.ts'
import { keepOpenAnswers } from '../logs/open-answers.ts'
import { readQuestion, type LogQuery } from '../logs/question.ts'
import { AttemptParams } from '../schemas/attempt.ts'
import { ErrorAnswer, IdOf } from '../schemas/common.ts'
import { LogTextQuery, LogTry, presentTries, TaskPrefix, textAnswer } from '../schemas/log-text.ts'
import { instant } from '../time.ts'
import { findAttempt } from './lookup.ts'
import type { TaskId } from '#workflows/domain/ids.ts'

const tags = ['logs']

const description = `\
Of one task (\`task_id\`) the text as it was printed, one try behind the other, each but the first behind a line that names it. Its
bytes keep their places, since it only grows: \`offset\` and \`limit\`, or the header \`Range\`, answer a part. Parts that
adjoin have every character once: one that begins in a part is answered whole, also its bytes behind the end.

Of an attempt, or of all tasks whose names begin with \`task\`, the lines of all in the order in which they were written,
each behind the name of its task and \` | \`.

\`search\` answers the lines that hold a text, each behind \`task_id=…&offset=…\`, which is how to ask for the place.`

export const logTextRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (
  app,
  { store },
) => {
  const answers = keepOpenAnswers(app)
  const { logReader: reader } = store

  const answer = async (
    request: FastifyRequest<{
      Params: Static<typeof AttemptParams>
      Querystring: Static<typeof LogTextQuery>
    }>,
    reply: FastifyReply,
  ) => {
    const { params, query, method, headers } = request
    const question = readQuestion(query)
    const attempt = await attemptWithLogs(store, params.id)
    const choice = choiceOf(attempt, query)
    const known = await checkTask(store, choice)
    // HEAD says what GET would, and reads no text.
    const asked = { question, choice, head: method === 'HEAD' }
    const { taskId } = choice
    return taskId === undefined || known === undefined
      ? answerMany({ reader, answers }, asked, reply)
      : answerTask({ reader, answers }, { ...asked, taskId, ...known, headers }, reply)
  }

  app.get(
    '/api/attempts/:id/log',
    {
      // As it was printed and when: a compressor would hold back what is followed, and a range counts bytes of text.
      compress: false,
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'What tasks printed, as text',
        description,
        params: AttemptParams,
        querystring: LogTextQuery,
        headers: Type.Object({
          range: Type.Optional(
            Type.String({
              description: 'With task_id: bytes=0-65535, bytes=65536-, bytes=-65536',
            }),
          ),
        }),
        response: {
          200: textAnswer('The text, as far as it is written'),
          206: textAnswer('The part that Range asked for; Content-Range says which it is'),
          404: ErrorAnswer,
          410: ErrorAnswer,
          416: ErrorAnswer,
        },
      },
    },
    answer,
  )
  app.head(
    '/api/attempts/:id/log',
    {
      compress: false,
      schema: { hide: true, params: AttemptParams, querystring: LogTextQuery },
    },
    answer,
  )

  app.get(
    '/api/attempts/:id/log/tries',
    {
      schema: {
        tags,
        summary: 'Which tries of which tasks have printed something, and how much',
        params: AttemptParams,
        querystring: Type.Object({
          task: Type.Optional(TaskPrefix),
          task_id: Type.Optional(IdOf<TaskId>('one task')),
        }),
        response: {
          200: Type.Object({ tries: Type.Array(LogTry) }),
          404: ErrorAnswer,
          410: ErrorAnswer,
        },
      },
    },
    async ({ params, query }) => {
      const choice = choiceOf(await attemptWithLogs(store, params.id), query)
      await checkTask(store, choice)
      const parts = await reader.parts(choice)
      return { tries: presentTries(parts, await reader.extents(parts.map(({ fileId }) => fileId))) }
    },
  )
}

async function attemptWithLogs(store: Store, id: Attempt['id']): Promise<Attempt> {
  const attempt = await findAttempt(store, id)
  if (attempt.logsRemovedAt !== null) {
    throw new LogsGone(attempt.id, instant(attempt.logsRemovedAt))
  }
  return attempt
}

const choiceOf = (
  { id }: Pick<Attempt, 'id'>,
  query: Pick<LogQuery, 'task' | 'task_id' | 'try'>,
): LogChoice => ({
  attemptId: id,
  ...(query.task_id === undefined ? {} : { taskId: query.task_id }),
  // A plus that was not escaped in the address arrives as a space; names hold no spaces.
  ...(query.task === undefined ? {} : { taskPrefix: query.task.replaceAll(' ', '+') }),
  ...(query.try === undefined ? {} : { retries: query.try - 1 }),
})

/** What is known of the one task, where one is named; throws where there is none that was named. */
async function checkTask({ logReader: reader }: Store, choice: LogChoice) {
  const { attemptId, taskId, taskPrefix, retries } = choice
  if (taskId === undefined) {
    if (taskPrefix === undefined || (await reader.hasTask(attemptId, taskPrefix))) return undefined
    throw new NotFound(`task ${taskPrefix} of attempt id=${attemptId}`)
  }
  const task = await reader.task(attemptId, taskId)
  if (task === undefined) throw new NotFound(`task id=${taskId} of attempt id=${attemptId}`)
  if (retries !== undefined && retries > task.retries) {
    throw new NotFound(
      `try ${retries + 1} of task id=${taskId} (${task.fullName}), which was tried ${task.retries + 1} times`,
    )
  }
  return task
}
