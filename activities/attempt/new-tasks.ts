import { compileTask, formatProblem } from '#workflows/dig/index.ts'
import type { TaskDefinition } from '#workflows/dig/definition.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { NewTask, Task } from '#store/types.ts'
import { configError } from '../failure.ts'

/** A compiled task and everything below it, ready to be inserted. */
export const newTask = (definition: TaskDefinition): NewTask => ({
  name: definition.name,
  ...(definition.operator === undefined ? {} : { operator: definition.operator }),
  config: definition.config,
  exports: definition.exports,
  upstreams: definition.upstreams,
  ...(definition.retry === undefined ? {} : { retry: definition.retry }),
  children: definition.children.map(newTask),
})

/** A task that the run itself makes: `^sub`, `^check`, `^error`, a batch's. */
export function generatedTask(name: string, mapping: JsonObject): NewTask {
  const { task, problems } = compileTask(name, mapping)
  if (task === undefined) throw configError(problems.map(formatProblem).join('\n'))
  return newTask(task)
}

/** Tasks that came of running, which nobody copies: whoever made them makes them again. */
const isGenerated = (task: Pick<Task, 'name'>): boolean => task.name.startsWith('^')

/**
 * The same tasks again, with everything below them that was written rather than generated. As in Digdag a group
 * among the copies has no retries of its own left: what a round has made again is not made again once more. An
 * operator runs as often as it says.
 */
export function copiesOf(
  siblings: readonly Task[],
  childrenOf: (id: TaskId) => readonly Task[],
): readonly NewTask[] {
  const written = siblings.filter((task) => !isGenerated(task))
  const places = new Map(written.map((task, place) => [task.id, place]))
  return written.map((task) => ({
    name: task.name,
    ...(task.operator === null ? {} : { operator: task.operator }),
    config: task.config,
    exports: task.exports,
    upstreams: task.upstreams.flatMap((id) => places.get(id) ?? []),
    ...(task.retry === null || task.operator === null ? {} : { retry: task.retry }),
    children: copiesOf(firstRound(childrenOf(task.id)), childrenOf),
  }))
}

/** A group's children as they were first inserted, without the copies of later rounds. */
export const firstRound = (children: readonly Task[]): readonly Task[] =>
  children.filter((child) => child.round === 0)
