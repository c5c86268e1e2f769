import type { Attempt, Resume, Task } from '#store/types.ts'
import { latestByName, tasksBefore } from '#workflows/domain/tasks-before.ts'
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
  const failed = tasksBefore(start, tasks)
    .map(({ fullName }) => latest.get(fullName))
    .filter((task) => task !== undefined && task.state !== 'success')
  if (failed.length > 0) {
    const names = new Set(failed.map((task) => task?.fullName ?? ''))
    throw new ResumeNotSuccessful(start.fullName, [...names].join(', '))
  }
}

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
