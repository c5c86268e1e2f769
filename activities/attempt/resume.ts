import type { Tasks } from '#store/tasks.ts'
import type { NewTask, Resume, Task } from '#store/types.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { latestByName, tasksBefore } from '#workflows/domain/tasks-before.ts'
import { createCache } from '../cache.ts'
import type { FindFacts } from './facts.ts'

/** What an attempt takes over from the one it resumes (docs/language.md#resume). */
export interface Resumption {
  /** The tree with the tasks marked that are taken over, and what those generated put below them. */
  mark(task: NewTask, parentName: string): NewTask
  /** Whether all of these tasks had failed there already. */
  failedThere(fullNames: readonly string[]): boolean
}

export type FindResumption = (attemptId: AttemptId) => Promise<Resumption>

/** Resumed attempts whose earlier tasks are cached: there may be tens of thousands for each. */
const mostCached = 4

/** Reads what attempts take over: once for each, since whatever generates tasks asks for it. */
export function createResumptions(
  tasks: Pick<Tasks, 'ofAttempt'>,
  facts: FindFacts,
): FindResumption {
  const find = createCache(mostCached, async (id: AttemptId) => {
    const { attempt } = await facts(id)
    return attempt.resume === null ? nothing : readResumption(tasks, attempt.resume)
  })
  // Those that resume nothing would only push out the others.
  return async (id) => ((await facts(id)).attempt.resume === null ? nothing : find(id))
}

const nothing: Resumption = { mark: (task) => task, failedThere: () => false }

/** Tasks are matched by full name. */
async function readResumption(
  tasks: Pick<Tasks, 'ofAttempt'>,
  resume: Resume,
): Promise<Resumption> {
  const rows = await tasks.ofAttempt(resume.attemptId)
  const latest = latestByName(rows)
  const start = rows.findLast((row) => row.fullName.endsWith(resume.from ?? ''))
  const before = start === undefined ? [] : tasksBefore(start, rows)
  const taken = resume.mode === 'failed' ? [...latest.values()] : before
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
    const resumed = { resumedFrom: row.id, children: below }
    // Tasks that a group has now and had not before get its exports of now.
    if (task.operator === undefined) return { ...task, ...resumed }
    // An operator did not run by the revision of now: what is shown of it is what did.
    const { config, exports } = row
    return {
      ...task,
      config,
      exports,
      ...resumed,
      children: [...below, ...generatedBelow(fullName)],
    }
  }
  const failedThere = (fullNames: readonly string[]): boolean =>
    fullNames.every((fullName) => latest.get(fullName)?.state === 'error')
  return { mark, failedThere }
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
