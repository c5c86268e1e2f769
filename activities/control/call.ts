import path from 'node:path'
import type { Tasks } from '#store/tasks.ts'
import { isTimezone } from '#workflows/calendar/index.ts'
import { formatProblem, readCalledFile, type ProjectTexts } from '#workflows/dig/index.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { configError } from '../failure.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import type { OperatorContext } from '../task/operator.ts'

/** A project's files as texts, by their paths. */
export type ProjectTextsOf = (attemptId: AttemptId) => Promise<ProjectTexts>

/** Generated tasks within generated tasks: each level is walked by the ones above it. */
const deepest = 100

/** A file that calls itself this often within itself, in an attempt this large, has no end; Digdag allows 1,000. */
const mostCallsOfItself = 5
const mostTasks = 3_000

/** `call>: file` runs another file of the project as subtasks. */
export const createCall = (
  textsOf: ProjectTextsOf,
  tasks: Pick<Tasks, 'recursion'>,
): BuiltIn<'call'> => ({
  ...builtIn('call', async ({ config, task }) => {
    const command = config.string('_command')
    const file = command.endsWith('.dig') ? command : `${command}.dig`
    const called = path.posix.join(config.optionalString('_workdir') ?? '', file)
    await checkEnd(called, task, tasks)
    const texts = await textsOf(task.attemptId)
    if (!texts.has(called)) throw configError(`File not found: ${called}`, 'FILE_NOT_FOUND')
    const { mapping, problems } = readCalledFile(texts, called, { isTimezone })
    if (mapping === undefined) throw configError(problems.map(formatProblem).join('\n'))
    return { subtasks: mapping }
  }),
  anyParameter: true,
})

/** One call after the other ends by its depth; calls in parallel double with each level, and end by their number. */
async function checkEnd(
  called: string,
  { attemptId, taskId, fullName }: OperatorContext['task'],
  tasks: Pick<Tasks, 'recursion'>,
): Promise<void> {
  const depth = fullName.split('^sub').length - 1
  const advice = 'Does a file call itself without an end? An if> around its call> can end it'
  if (depth >= deepest) {
    throw configError(
      `${called} is called ${depth} levels deep, the most that is possible. ${advice}`,
    )
  }
  if (depth < mostCallsOfItself) return
  const { calls, size } = await tasks.recursion(attemptId, taskId, mostTasks + 1)
  if (calls >= mostCallsOfItself && size > mostTasks) {
    throw configError(
      `${called} is called ${calls} times within itself, in an attempt that has more than ${mostTasks} tasks by now. ${advice}`,
    )
  }
}
