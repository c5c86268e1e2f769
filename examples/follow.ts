import type { Client } from '#client/client.ts'
import type { Attempt, Task } from '#client/views.ts'

export interface Follow {
  readonly client: Pick<Client, 'attempt' | 'tasks'>
  readonly attemptId: string
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

const marks: Readonly<Record<string, string>> = {
  success: '✓',
  error: '✗',
  group_error: '✗',
  canceled: '✗',
  running: '▶',
  retry_waiting: '↻',
  group_retry_waiting: '↻',
}

/** Prints each change of a task's state as it comes, until the attempt is done. */
export async function follow({ client, attemptId, print, signal }: Follow): Promise<Attempt> {
  const shown = new Map<string, string>()
  for (;;) {
    const attempt = await client.attempt(attemptId)
    for (const line of changes(await client.tasks(attemptId), shown)) print(line)
    if (attempt.done) return attempt
    await new Promise((resolve) => setTimeout(resolve, 250))
    signal.throwIfAborted()
  }
}

/** The lines for what changed since the last look; `shown` remembers what was said. */
export function changes(tasks: readonly Task[], shown: Map<string, string>): readonly string[] {
  const lines: string[] = []
  for (const task of tasks) {
    const mark = marks[task.state]
    if (mark === undefined || shown.get(task.id) === task.state) continue
    shown.set(task.id, task.state)
    // A group has begun when its tasks have; only its end is news.
    if (task.isGroup && mark !== '✗') continue
    const message = task.error.message?.split('\n')[0]
    lines.push(
      `  ${mark} ${task.fullName} ${task.state}${seconds(task)}${message === undefined ? '' : `: ${message}`}`,
    )
  }
  return lines
}

function seconds({ startedAt, updatedAt, state }: Task): string {
  if (startedAt === null || state !== 'success') return ''
  const took = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000
  return took >= 1 ? ` after ${took} s` : ''
}
