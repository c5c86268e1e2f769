import { attachedTask } from './attached.ts'
import type { Activities, AddTasksInput } from '#workflows/activities.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import { isObject, merge, type JsonObject } from '#workflows/domain/json.ts'
import type { Store } from '#store/index.ts'
import type { NewTask, Task } from '#store/types.ts'
import { OperatorError, recordedMessage, taskFailure } from '../failure.ts'
import type { FindFacts } from './facts.ts'
import { copiesOf, firstRound, generatedTask } from './new-tasks.ts'
import { planTasks } from './plan.ts'
import type { FindResumption, Resumption } from './resume.ts'
import { slaTasks } from './sla-tasks.ts'

/** Inserts tasks that only the run decides on; asked again, it answers those that are there. */
export function createAddTasks(
  store: Store,
  facts: FindFacts,
  resumptions: FindResumption,
): Pick<Activities, 'addTasks'> {
  return {
    async addTasks({ attemptId, parentId, what }) {
      const parent = await store.tasks.find(parentId)
      if (parent === undefined) throw taskFailure(`Task ${parentId} does not exist`)
      const needs = { store, facts, resumptions }
      const added = await tasksFor(needs, parent, what).catch(refuse)
      const rows = await store.tasks.insert(attemptId, parentId, added)
      return what.kind === 'round' ? planGroup(parent, rows) : planTasks(rows, parentId)
    },
  }
}

/** A group whose children run again, as the engine walks it: they may be too many for one history. */
const planGroup = (group: Task, below: readonly Task[]): readonly PlannedTask[] =>
  planTasks([{ ...group, resumed: false }, ...below], group.parentId)

/** A mistake in what is to be added is not fixed by asking again. */
function refuse(error: unknown): never {
  if (error instanceof OperatorError) throw taskFailure(recordedMessage(error))
  throw error
}

interface Needs {
  readonly store: Store
  readonly facts: FindFacts
  readonly resumptions: FindResumption
}

async function tasksFor(
  { store, facts, resumptions }: Needs,
  parent: Task,
  what: AddTasksInput['what'],
): Promise<readonly NewTask[]> {
  switch (what.kind) {
    case 'check':
      return [await checkTask(store, parent, what.round)]
    case 'error':
      return [generatedTask('^error', await errorTask(store, parent))]
    case 'failure-alert':
      return [await failureAlertTask(store, await resumptions(parent.attemptId), parent)]
    case 'sla':
      return slaTasks((await facts(parent.attemptId)).workflow.definition.sla)
    case 'round': {
      const below = Map.groupBy(await store.tasks.subtree(parent.id), (task) => task.parentId)
      const children = firstRound(below.get(parent.id) ?? [])
      const copies = copiesOf(children, (id) => below.get(id) ?? [])
      return copies.map((copy) => ({ ...copy, round: what.round }))
    }
    case 'task': {
      const written = generatedTask(what.name, what.config)
      // Of a group the batch's code knows what belongs into it: it runs, and each of its tasks is asked.
      const task =
        written.operator === undefined
          ? written
          : (await resumptions(parent.attemptId)).mark(written, parent.fullName)
      return [{ ...task, upstreamIds: what.upstreams }]
    }
  }
}

/** `_check` comes after what the operator generated in this round. */
async function checkTask(store: Store, parent: Task, round: number): Promise<NewTask> {
  const generated = (await store.tasks.subtree(parent.id)).filter(
    (task) => task.parentId === parent.id && task.name === '^sub' && task.round === round,
  )
  return {
    ...generatedTask('^check', attached(parent, '_check')),
    round,
    upstreamIds: generated.map(({ id }) => id),
  }
}

/** Of so many failures each is looked at. */
const mostFailures = 1_000

/** As Digdag writes it. */
const failureAlert: JsonObject = { _type: 'notify', _command: 'Workflow session attempt failed' }

/** Who was told of a failure in the attempt that this one resumes is not told of the same one again. */
async function failureAlertTask(
  store: Store,
  resumption: Resumption,
  root: Task,
): Promise<NewTask> {
  const alert = generatedTask('^failure-alert', failureAlert)
  const failures = await store.tasks.failures(root.attemptId, mostFailures)
  const known =
    failures.length > 0 && resumption.failedThere(failures.map(({ fullName }) => fullName))
  return known ? resumption.mark(alert, root.fullName) : alert
}

const attached = (task: Task, key: '_check' | '_error'): JsonObject =>
  attachedTask(task.config, key) ?? {}

/**
 * `_error` with what it is to know (docs/language.md#_check-and-_error): the task's own error; or, where the failure came
 * from below, what everything below stored, and its errors, the last one's words winning.
 */
async function errorTask(store: Store, parent: Task): Promise<JsonObject> {
  const mapping = attached(parent, '_error')
  const own = mapping['_export']
  const known = parent.error === null ? await fromBelow(store, parent) : { error: parent.error }
  const { _export: _, ...rest } = mapping
  return { ...rest, _export: merge(isObject(own) ? own : {}, known) }
}

async function fromBelow(store: Store, parent: Task): Promise<JsonObject> {
  const below = (await store.tasks.subtree(parent.id)).filter((task) => task.id !== parent.id)
  const stored = below.map((task) => task.stored).reduce<JsonObject>(merge, {})
  const error = below
    // A task's error is known before its state: what hangs on the failure runs in between.
    .filter((task) => task.state !== 'success')
    .map((task) => task.error ?? {})
    .reduce<JsonObject>(merge, {})
  return { ...stored, error }
}
