import path from 'node:path'
import { isTimezone } from '#workflows/calendar/index.ts'
import { formatProblem, readCalledFile } from '#workflows/dig/index.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { configError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'

/** A project's files as texts, by their paths. */
export type ProjectTextsOf = (attemptId: AttemptId) => Promise<ReadonlyMap<string, string>>

/** Generated tasks within generated tasks; Digdag's limit of 1,000 tasks allows no more either. */
const deepest = 500

/** `call>: file` runs another file of the project as subtasks. */
export const createCall = (textsOf: ProjectTextsOf): Operator => ({
  name: 'call',
  secrets: [],
  retries: true,
  async run({ config, task }) {
    const command = config.string('_command')
    const file = command.endsWith('.dig') ? command : `${command}.dig`
    const called = path.posix.join(config.optionalString('_workdir') ?? '', file)
    if (task.fullName.split('^sub').length > deepest) {
      throw configError(
        `${called} is called ${deepest} levels deep. Does a file call itself without an end? An if> around its call> can end it`,
      )
    }
    const texts = await textsOf(task.attemptId)
    if (!texts.has(called)) throw configError(`File not found: ${called}`)
    const { mapping, problems } = readCalledFile(texts, called, { isTimezone })
    if (mapping === undefined) throw configError(problems.map(formatProblem).join('\n'))
    return { subtasks: mapping }
  },
})
