import path from 'node:path'
import { isTimezone } from '#workflows/calendar/index.ts'
import { formatProblem, readCalledFile } from '#workflows/dig/index.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { configError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'

/** A project's files as texts, by their paths. */
export type ProjectTextsOf = (attemptId: AttemptId) => Promise<ReadonlyMap<string, string>>

/** `call>: file` runs another file of the project as subtasks. */
export const createCall = (textsOf: ProjectTextsOf): Operator => ({
  name: 'call',
  secrets: [],
  retries: true,
  async run({ config, task }) {
    const command = config.string('_command')
    const file = command.endsWith('.dig') ? command : `${command}.dig`
    const called = path.posix.join(config.optionalString('_workdir') ?? '', file)
    const texts = await textsOf(task.attemptId)
    if (!texts.has(called)) throw configError(`File not found: ${called}`)
    const { mapping, problems } = readCalledFile(texts, called, { isTimezone })
    if (mapping === undefined) throw configError(problems.map(formatProblem).join('\n'))
    return { subtasks: mapping }
  },
})
