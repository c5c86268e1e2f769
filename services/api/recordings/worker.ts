import { logBeginning } from '#store/log-place.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { TestApi } from '../testing/api.ts'

/**
 * What a worker would have written of an attempt: its tasks and their logs. Without `success` it is still
 * running. `more`: tasks beyond those that every attempt here has.
 */
export async function work(
  api: TestApi,
  id: number,
  success?: boolean,
  more: readonly string[] = [],
): Promise<void> {
  const attemptId = id as AttemptId
  const { tasks, logs, attempts } = api.store
  const leaf = (name: string, upstreams: readonly number[]) => ({
    name,
    operator: 'echo',
    config: { 'echo>': name },
    exports: {},
    upstreams,
    children: [],
  })
  const [root, first, group] = await tasks.insert(attemptId, null, [
    {
      name: '+main',
      config: { _export: { greeting: 'hello' } },
      exports: { greeting: 'hello' },
      upstreams: [],
      children: [
        leaf('+first', []),
        { ...leaf('+group', [0]), children: [leaf('+a', []), leaf('+b', [])] },
        leaf('+maybe_fail', [1]),
        ...more.map((name) => leaf(name, [])),
      ],
    },
  ])
  if (root === undefined || first === undefined || group === undefined) throw new Error('no tasks')
  const below = await tasks.ofAttempt(attemptId)
  for (const task of below.filter(({ fullName }) => fullName !== '+main+group')) {
    await tasks.begin(task.id, { version: 1, retries: 0 })
    const file = await logs.open({
      attemptId,
      taskId: task.id,
      fullName: task.fullName,
      agent: '7517@vm',
    })
    await logs.append(file.id, logBeginning, `line of ${task.fullName}\n`)
  }
  if (success === undefined) return
  for (const task of below) {
    const failed = !success && ['+main', '+main+maybe_fail'].includes(task.fullName)
    await tasks.end(task.id, {
      state: failed ? 'error' : 'success',
      version: 2,
      retries: 0,
      ...(failed ? { error: { message: 'Command failed with code 3', stacktrace: '…' } } : {}),
    })
  }
  await attempts.finish(attemptId, success)
}
