import type { TaskId } from './ids.ts'

/** A row of an attempt's tree, as far as its order goes. */
export interface TreeTask {
  readonly id: TaskId
  readonly parentId: TaskId | null
  readonly fullName: string
  readonly upstreams: readonly TaskId[]
}

/** Of several tasks of one name (a group that was retried leaves them behind) the last one counts. */
export const latestByName = <Task extends TreeTask>(
  tasks: readonly Task[],
): ReadonlyMap<string, Task> => new Map(tasks.map((task) => [task.fullName, task]))

/** What runs before a task: all upstreams of it and of its ancestors, with everything below them. */
export function tasksBefore<Task extends TreeTask>(
  start: Task,
  tasks: readonly Task[],
): readonly Task[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const children = Map.groupBy(tasks, ({ parentId }) => parentId)
  const found = new Set<Task>()
  const take = (id: TaskId): void => {
    const task = byId.get(id)
    if (task === undefined || found.has(task)) return
    found.add(task)
    task.upstreams.forEach(take)
    children.get(id)?.forEach((child) => take(child.id))
  }
  let at: Task | undefined = start
  while (at !== undefined) {
    at.upstreams.forEach(take)
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  }
  return [...found]
}
