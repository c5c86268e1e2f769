import { Type, type Static } from 'typebox'
import type { OutlinedTask } from '#store/task-outline.ts'
import type { Attempt as AttemptRow } from '#store/types.ts'
import { excerpt } from '#workflows/domain/cut.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { taskErrorCodes } from '#workflows/domain/task-error.ts'
import { taskStates } from '#workflows/domain/task-state.ts'
import { mostChildren, type Shown } from '../tasks/fold.ts'
import { countStates, type TaskNode } from '../tasks/tree.ts'
import { instant } from '../time.ts'
import { Instant, Nullable } from './common.ts'

const Id = Type.Integer({ minimum: 1 })
const Milliseconds = Type.Integer()
/** How many tasks are in which state; none stands for a state without any. */
const counts = (description: string) =>
  Type.Object(
    Object.fromEntries(taskStates.map((state) => [state, Type.Optional(Type.Integer())])),
    { description, examples: [{ success: 4_990, running: 10 }] },
  )

/** Arrays of the same length: what stands at one place in all of them belongs to one task. */
const Columns = Type.Object(
  {
    id: Type.Array(Id),
    parent: Type.Array(Nullable(Id)),
    name: Type.Array(Type.String(), {
      description: "The task's own; its full name is its parent's and then this",
    }),
    round: Type.Array(Type.Integer(), {
      description: 'How often the group above had been run before: each run has tasks of its own',
    }),
    operator: Type.Array(Nullable(Type.Integer()), {
      description: 'A place in `operators`; null for a group',
    }),
    after: Type.Array(Type.Union([Type.Literal(0), Type.Literal(1), Type.Array(Id)]), {
      description:
        'What must succeed before: 0 nothing, 1 the sibling before it in the order of ids, or the ids',
    }),
    state: Type.Array(Type.Integer(), { description: 'A place in `states`' }),
    start: Type.Array(Nullable(Milliseconds), {
      description: 'After `timeZero`; of what has no start of its own, the first one below it',
    }),
    end: Type.Array(Nullable(Milliseconds), { description: 'After `timeZero`' }),
    retries: Type.Array(Type.Integer(), { description: "The task's tries before the last one" }),
  },
  { description: 'Arrays of the same length, one place for each task, in the order of ids' },
)

const Failure = Type.Object({
  id: Id,
  code: Nullable(Type.String({ enum: Object.keys(taskErrorCodes) })),
  message: Nullable(
    Type.String({
      description:
        'The beginning of it; null behind the first 500. The whole one: GET /api/attempts/ID/tasks/TASK',
    }),
  ),
})

const Group = Type.Object({
  id: Id,
  failedBy: Nullable(
    Type.Integer({ description: 'Of a failed one: the first task below whose own failure counts' }),
  ),
  children: counts('How many of its children are in which state'),
  leaves: counts('The same of the tasks below it, at any depth, that have none below themselves'),
})

export const CompactTasks = Type.Object(
  {
    whole: Type.Boolean({
      description:
        'Forget what you know of the attempt: this is all. False: only what changed since, to be put over it by id',
    }),
    since: Type.String({
      description:
        'For the next request, but not that of a page (`expand`), which says nothing of the other tasks. Of two answers the one with the greater one is the newer',
      examples: ['1234567'],
    }),
    done: Type.Boolean({ description: 'The attempt has ended' }),
    cancelRequested: Type.Boolean(),
    tasksRemovedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Only where its tasks were removed, having been kept long enough',
      }),
    ),
    timeZero: Instant,
    states: Type.Array(Type.String()),
    operators: Type.Array(Type.String(), { examples: [['bq', 'sh']] }),
    tasks: Columns,
    groups: Type.Array(Group, { description: 'Those of the tasks that have some below them' }),
    failures: Type.Array(Failure, { description: 'Those of the tasks that failed themselves' }),
    retryAt: Type.Array(Type.Tuple([Id, Milliseconds]), {
      description: 'Those of the tasks that wait, and until when',
    }),
    resumed: Type.Array(Id, {
      description:
        'Those of the tasks that were taken over from another attempt; they have no times',
    }),
    folded: Type.Array(Id, {
      description: `Groups with more than ${mostChildren} children, of which only the first and those that matter are here: \`expand\` answers the others. Always empty where only changes are answered, all of them`,
    }),
    next: Type.Optional(
      Nullable(Type.Integer({ description: 'Only with `expand`: `after` of the next page' })),
    ),
  },
  { title: 'CompactTasks' },
)

/** In characters, of one message; and of how many tasks. */
const longestMessage = 300
const mostMessages = 500

/** Times count from here, which never changes; in whole seconds, so that `createdAt` in other answers is the same. */
export const timeZeroOf = ({ createdAt }: Pick<AttemptRow, 'createdAt'>): Date =>
  new Date(Math.floor(createdAt.getTime() / 1000) * 1000)

type Attempt = Pick<AttemptRow, 'createdAt' | 'finishedAt' | 'cancelRequested' | 'tasksRemovedAt'>

export function presentCompactTasks(
  attempt: Attempt,
  version: { readonly cursor: string; readonly whole: boolean },
  { tasks: nodes, folded }: Shown,
  all: ReadonlyMap<TaskId, TaskNode>,
): Static<typeof CompactTasks> {
  const tasks = nodes.map(({ task }) => task)
  const operators = [...new Set(tasks.flatMap(({ operator }) => operator ?? []))]
  const operatorPlaces = new Map(operators.map((operator, place) => [operator, place]))
  const before = siblingsBefore(nodes, all)
  return {
    whole: version.whole,
    since: version.cursor,
    done: attempt.finishedAt !== null,
    cancelRequested: attempt.cancelRequested,
    ...(attempt.tasksRemovedAt === null ? {} : { tasksRemovedAt: instant(attempt.tasksRemovedAt) }),
    timeZero: instant(timeZeroOf(attempt)),
    states: [...taskStates],
    operators,
    tasks: {
      id: tasks.map(({ id }) => id),
      parent: tasks.map(({ parentId }) => parentId),
      name: tasks.map(({ name }) => name),
      round: tasks.map(({ round }) => round),
      operator: tasks.map(({ operator }) => operatorPlaces.get(operator ?? '') ?? null),
      after: tasks.map((task) => afterOf(task, before)),
      state: tasks.map(({ state }) => statePlaces.get(state)!),
      start: nodes.map(({ start }) => start),
      end: tasks.map(({ ended }) => ended),
      retries: tasks.map(({ retries }) => retries),
    },
    groups: nodes.filter(({ children }) => children.length > 0).map(presentGroup),
    failures: tasks
      .filter(({ errorCode, error }) => errorCode !== null || error !== null)
      .map(presentFailure),
    retryAt: tasks.flatMap(({ id, retryAt }) =>
      retryAt === null ? [] : [[id, retryAt] as [number, number]],
    ),
    resumed: tasks.flatMap(({ id, resumed }) => (resumed ? [id] : [])),
    folded: [...folded],
  }
}

const statePlaces: ReadonlyMap<string, number> = new Map(
  taskStates.map((state, place) => [state, place]),
)

const presentGroup = ({ task, failedBy, children, leaves }: TaskNode): Static<typeof Group> => ({
  id: task.id,
  failedBy: task.state === 'group_error' ? failedBy : null,
  children: countStates(children),
  leaves,
})

const presentFailure = (
  { id, errorCode, error }: OutlinedTask,
  place: number,
): Static<typeof Failure> => ({
  id,
  code: errorCode,
  message: error === null || place >= mostMessages ? null : excerpt(error, longestMessage),
})

function afterOf(
  { id, upstreams }: OutlinedTask,
  before: ReadonlyMap<TaskId, TaskId>,
): 0 | 1 | number[] {
  if (upstreams.length === 0) return 0
  return upstreams.length === 1 && upstreams[0] === before.get(id) ? 1 : [...upstreams]
}

/** Of each task the one before it below the same parent. */
function siblingsBefore(
  nodes: readonly TaskNode[],
  all: ReadonlyMap<TaskId, TaskNode>,
): ReadonlyMap<TaskId, TaskId> {
  const before = new Map<TaskId, TaskId>()
  for (const parent of new Set(nodes.map(({ task }) => task.parentId))) {
    if (parent === null) continue
    let last: TaskId | undefined
    for (const { task } of all.get(parent)?.children ?? []) {
      if (last !== undefined) before.set(task.id, last)
      last = task.id
    }
  }
  return before
}
