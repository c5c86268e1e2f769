import type { Answer, Task } from '#client/views.ts'
import { holds, same, until } from './check.ts'
import type { Place } from './place.ts'
import type { Run } from './report.ts'

/** Starts an attempt, waits for its end and looks at what came of it. */
export async function runAttempt(place: Place, wanted: Run): Promise<void> {
  const { api } = place.stack
  const begun = await start(place, wanted)
  const text = JSON.stringify(begun.body)
  same(`start, answered ${text}`, begun.status, wanted.status ?? 200)
  holds('the answer to the start', text, { says: wanted.says })
  if (begun.status !== 200) return
  const id = String(begun.body['id'])
  place.attemptId = id
  try {
    if (wanted.kill !== undefined) await kill(place, id, wanted.kill)
    const attempt = await api.finished(id, wanted.within ?? 60)
    const tasks = await api.tasks(id)
    const shown = tasks.map(({ fullName, state, error }) => `${fullName} ${state} ${error.message}`)
    if (wanted.ends !== 'any') {
      same(`the end of\n${shown.join('\n')}`, attempt.status, wanted.ends ?? 'success')
    }
    checkTasks(tasks, wanted)
    if (wanted.answer !== undefined) {
      const response = await fetch(`${place.stack.url}/api/attempts/${id}`)
      holds('the attempt', await response.text(), { says: wanted.answer })
    }
    await checkLogs(place, id, wanted)
  } finally {
    // What a fault leaves running must not run beside the other cases.
    await api.request('POST', `/api/attempts/${id}/kill`, {})
  }
}

async function start({ stack, project, given, attemptId }: Place, wanted: Run): Promise<Answer> {
  const { workflow = 'case', session = '2026-05-05T00:00:00+00:00' } = wanted
  const { retryAttemptName, resume } = wanted
  const numbers = Object.entries(wanted.numbers ?? {}).map(([key, text]) => [
    key,
    JSON.rawJSON(text),
  ])
  return stack.api.start(project, workflow, session, {
    params: { ...given, ...wanted.params, ...(Object.fromEntries(numbers) as object) },
    ...(retryAttemptName !== undefined && { retryAttemptName }),
    ...(resume !== undefined && { resume: { mode: resume, attemptId } }),
  })
}

async function kill(
  { stack: { api } }: Place,
  id: string,
  { task, states, printed }: NonNullable<Run['kill']>,
): Promise<void> {
  if (states !== undefined) await api.taskIn(id, task, states)
  if (printed !== undefined) {
    const look = async () => ((await api.log(id, task)).includes(printed) ? true : undefined)
    await until(look, 60, `${task} prints ${printed}`)
  }
  await api.request('POST', `/api/attempts/${id}/kill`, {})
}

interface Timed extends Task {
  readonly startedAt: string
  readonly updatedAt: string
}

function checkTasks(tasks: readonly Task[], wanted: Run): void {
  const named = (name: string): Task | undefined =>
    tasks.findLast(({ fullName }) => fullName === name)
  for (const [name, right] of Object.entries(wanted.tasks ?? {})) {
    const task = named(name)
    const shown = `${name} ${task?.error.message}`
    if (typeof right === 'string') {
      same(shown, task?.state, right)
      continue
    }
    if (task?.state !== 'error' && task?.state !== 'group_error') {
      throw new Error(`${shown}: expected an error but got ${task?.state}`)
    }
    holds(name, task.error.message ?? '', { says: right.error })
  }
  for (const name of wanted.absent ?? []) same(name, named(name), undefined)
  for (const [name, seconds] of Object.entries(wanted.lasts ?? {})) {
    const { startedAt, updatedAt } = named(name) as Timed
    const lasted = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000
    if (!(lasted >= seconds)) throw new Error(`${name} lasted ${lasted} s`)
  }
}

async function checkLogs({ stack: { api } }: Place, id: string, wanted: Run): Promise<void> {
  const { prints = {}, never = {} } = wanted
  for (const name of new Set([...Object.keys(prints), ...Object.keys(never)])) {
    holds(`the log of ${name}`, await api.log(id, name), {
      says: prints[name],
      never: never[name],
    })
  }
  for (const [name, count] of Object.entries(wanted.logFiles ?? {})) {
    const files = await api.logFiles(id, name)
    const own = files.filter(({ taskName }) => taskName === name)
    same(`log files of ${name}`, own.length, count)
  }
}
