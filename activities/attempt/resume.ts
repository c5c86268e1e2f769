import type { Tasks } from '#store/tasks.ts'
import type { NewTask, Resume, Task } from '#store/types.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { createKept } from '../kept.ts'
import type { FindFacts } from './facts.ts'

/** What an attempt takes over from the one it resumes (DIGDAG-SPEC 3.10). */
export interface Resumption {
  /** The tree with the tasks marked that are taken over, and what those generated put below them. */
  mark(task: NewTask, parentName: string): NewTask
}

export type FindResumption = (attemptId: AttemptId) => Promise<Resumption>

/** Resumed attempts whose earlier tasks are kept at hand: there may be tens of thousands for each. */
const kept = 4

/** Reads what attempts take over: once for each, since whatever generates tasks asks for it. */
export function createResumptions(
  tasks: Pick<Tasks, 'ofAttempt'>,
  facts: FindFacts,
): FindResumption {
  const find = createKept(kept, async (id: AttemptId) => {
    const { attempt } = await facts(id)
    return attempt.resume === null ? nothing : readResumption(tasks, attempt.resume)
  })
  // Those that resume nothing would only push out the others.
  return async (id) => ((await facts(id)).attempt.resume === null ? nothing : find(id))
}

const nothing: Resumption = { mark: (task) => task }

/** Tasks are matched by full name; of several of one name (a retried group) the latest counts. */
async function readResumption(
  tasks: Pick<Tasks, 'ofAttempt'>,
  resume: Resume,
): Promise<Resumption> {
  const rows = await tasks.ofAttempt(resume.attemptId)
  const latest = new Map(rows.map((row) => [row.fullName, row]))
  const taken = resume.mode === 'failed' ? [...latest.values()] : before(rows, resume.from ?? '')
  const names = new Set(taken.map((row) => row.fullName))
  const children = Map.groupBy(latest.values(), (row) => parentNameOf(row))

  const takenOver = (fullName: string): Task | undefined => {
    const row = names.has(fullName) ? latest.get(fullName) : undefined
    return row?.state === 'success' ? row : undefined
  }
  // What a finished operator generated is not written anywhere else than in its old rows.
  const generatedBelow = (fullName: string): readonly NewTask[] =>
    (children.get(fullName) ?? []).flatMap((row) =>
      row.state === 'success' ? [takenRow(row, generatedBelow(row.fullName))] : [],
    )

  const mark = (task: NewTask, parentName: string): NewTask => {
    const fullName = parentName + task.name
    const row = takenOver(fullName)
    const below = task.children.map((child) => mark(child, fullName))
    if (row === undefined) return { ...task, children: below }
    const generated = task.operator === undefined ? [] : generatedBelow(fullName)
    return { ...task, resumedFrom: row.id, children: [...below, ...generated] }
  }
  return { mark }
}

const takenRow = (row: Task, children: readonly NewTask[]): NewTask => ({
  name: row.name,
  ...(row.operator === null ? {} : { operator: row.operator }),
  config: row.config,
  exports: row.exports,
  upstreams: [],
  children,
  resumedFrom: row.id,
})

const parentNameOf = (row: Task): string =>
  row.fullName.slice(0, row.fullName.length - row.name.length)

/** What runs before the task whose full name ends so: upstreams of it and of its ancestors. */
function before(rows: readonly Task[], from: string): readonly Task[] {
  const start = rows.findLast((row) => row.fullName.endsWith(from))
  if (start === undefined) return []
  const byId = new Map(rows.map((row) => [row.id, row]))
  const children = Map.groupBy(rows, (row) => row.parentId)
  const found = new Map<TaskId, Task>()
  const take = (id: TaskId): void => {
    const row = byId.get(id)
    if (row === undefined || found.has(id)) return
    found.set(id, row)
    row.upstreams.forEach(take)
    for (const child of children.get(id) ?? []) take(child.id)
  }
  let at: Task | undefined = start
  while (at !== undefined) {
    at.upstreams.forEach(take)
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  }
  return [...found.values()]
}
