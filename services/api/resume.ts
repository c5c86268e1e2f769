import type { Attempt, Resume, Task } from '#store/types.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import {
  ResumeAmbiguous,
  ResumeNoMatch,
  ResumeNotSuccessful,
  ResumeRunning,
  ResumeSucceeded,
  ResumeTasksGone,
} from './errors.ts'
import { instant } from './time.ts'

/** Refuses a resume that cannot work, while somebody is there to read why. */
export function checkResume(resume: Resume, attempt: Attempt, tasks: readonly Task[]): void {
  if (attempt.finishedAt === null) throw new ResumeRunning(attempt.id)
  if (attempt.tasksRemovedAt !== null) {
    throw new ResumeTasksGone(attempt.id, instant(attempt.tasksRemovedAt))
  }
  if (resume.mode === 'failed') {
    if (attempt.success === true) throw new ResumeSucceeded(attempt.id)
    return
  }
  const latest = latestByName(tasks)
  const start = matching(latest, resume.from ?? '')
  const failed = before(start, tasks)
    .map(({ fullName }) => latest.get(fullName))
    .filter((task) => task !== undefined && task.state !== 'success')
  if (failed.length > 0) {
    const names = new Set(failed.map((task) => task?.fullName ?? ''))
    throw new ResumeNotSuccessful(start.fullName, [...names].join(', '))
  }
}

/** A retried group leaves tasks of the same name behind; the last one counts. */
const latestByName = (tasks: readonly Task[]): ReadonlyMap<string, Task> =>
  new Map(tasks.map((task) => [task.fullName, task]))

function matching(latest: ReadonlyMap<string, Task>, pattern: string): Task {
  const found = [...latest.values()].filter(
    ({ fullName }) => pattern !== '' && fullName.endsWith(pattern),
  )
  const [first, ...others] = found
  if (first === undefined) throw new ResumeNoMatch(pattern)
  if (others.length > 0) {
    throw new ResumeAmbiguous(pattern, found.map(({ fullName }) => fullName).join(', '))
  }
  return first
}

/** What runs before a task: all upstreams of it and of its ancestors, with everything below them. */
function before(start: Task, tasks: readonly Task[]): readonly Task[] {
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
