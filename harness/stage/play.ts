import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { taskFailed } from '#workflows/activities.ts'
import type { WorkerActivities } from '#workflows/step.ts'
import { runSiblings } from '#workflows/engine/siblings.ts'
import { createWalk, runTree, type TreeEnd } from '#workflows/engine/run-tree.ts'
import { CanceledError, TaskFailedError, type Runtime } from '#workflows/engine/runtime.ts'
import { worst } from '#workflows/engine/walk.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { NewAttempt } from '#store/accept-attempt.ts'
import type { Store } from '#store/index.ts'
import type { Attempt, Task } from '#store/types.ts'
import { createTestDatabase, logText, type TestDatabase } from '#store/testing.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { createSandbox, type Sandbox } from '#activities/expression/sandbox.ts'
import type { ActivitiesDeps } from '#activities/deps.ts'
import { createActivities } from '#activities/index.ts'
import type { Operator } from '#activities/task/operator.ts'
import { push, type Files } from '#activities/testing/project.ts'
import { createStartable } from '#services/shared/startable.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'

/** A store, the activities on it, and attempts walked by the real engine without Temporal between. */
export interface Stage {
  readonly store: Store
  readonly database: TestDatabase
  readonly activities: WorkerActivities
  /** The same activities in a worker that knows nothing of what was before. */
  anotherWorker(over?: Partial<ActivitiesDeps>): WorkerActivities
  play(files: Files, options?: PlayOptions): Promise<Played>
  walk(attempt: Attempt): Promise<Played>
  close(): Promise<void>
}

export interface PlayOptions extends Partial<Omit<NewAttempt, 'workflowId' | 'sessionTime'>> {
  readonly workflow?: string
  /** An instant. */
  readonly sessionTime?: string
  /** Called for each wait before it begins. */
  readonly onSleep?: (seconds: number) => void
}

export interface Played {
  readonly attempt: Attempt
  readonly end: TreeEnd
  readonly tasks: readonly Task[]
  /** The last task of that full name. */
  task(fullName: string): Task
  /** Full names with their states, in order of ids. */
  readonly states: readonly string[]
  /** Waits the engine asked for, in seconds; only short ones were waited. */
  readonly slept: readonly number[]
  /** A task's own output, our lines taken out. */
  output(fullName: string): Promise<string>
  log(fullName: string): Promise<string>
}

/** Calls an activity as a worker does; a fresh context each time. */
export const call = <Output>(run: () => Promise<Output>): Promise<Output> => environment().run(run)

/** An activity's context; a task that fails is no news for the test's output. */
export const environment = (isLocal = true): MockActivityEnvironment =>
  new MockActivityEnvironment({ isLocal }, { logger: new DefaultLogger('ERROR') })

const longestSleep = 2

export async function createStage(
  operators: readonly Operator[] = [],
  deps: Partial<ActivitiesDeps> = {},
): Promise<Stage> {
  const database = await createTestDatabase()
  const { store } = database
  const sandbox: Sandbox = createSandbox()
  const accept = createAcceptAttempt(store)
  const anotherWorker = (over: Partial<ActivitiesDeps> = {}): WorkerActivities =>
    createActivities({
      store,
      operators,
      sandbox,
      agent: 'test@here',
      acceptAttempt: accept,
      startable: createStartable(),
      settleSchedule: createSettleSchedule(store),
      startAttempt: async (wanted) => {
        const started = await accept(wanted)
        if (started.created) await walk(started.attempt)
        return started
      },
      ...deps,
      ...over,
    })
  const activities = anotherWorker()

  const walk = async (
    attempt: Attempt,
    onSleep: PlayOptions['onSleep'] = () => undefined,
  ): Promise<Played> => {
    const slept: number[] = []
    const runtime = createRuntime(activities, attempt.id, (seconds) => {
      slept.push(seconds)
      onSleep(seconds)
    })
    const { root, lateAt } = await call(() => activities.openAttempt({ attemptId: attempt.id }))
    const end = await runTree(root, runtime, lateAt === undefined ? undefined : Date.parse(lateAt))
    await runtime.recorded()
    await call(() => activities.closeAttempt({ attemptId: attempt.id, state: end.state }))
    return played(store, attempt, end, slept)
  }

  return {
    store,
    database,
    activities,
    anotherWorker,
    walk,
    async play(files, options = {}) {
      const { workflow = 'case', sessionTime = '2026-03-05T00:00:00Z', onSleep, ...rest } = options
      const pushed = await push(store, files)
      const found = pushed.workflows.find(({ name }) => name === workflow)
      if (found === undefined) throw new Error(`No workflow ${workflow}`)
      const started = await store.attempts.start({
        workflowId: found.id,
        sessionTime: new Date(sessionTime),
        params: {},
        actor: { kind: 'user' },
        reason: 'start',
        retryAttemptName: `try ${found.id} ${Math.random()}`,
        ...rest,
      })
      return walk(started.attempt, onSleep)
    },
    async close() {
      await sandbox.close()
      await database.drop()
    },
  }
}

function createRuntime(
  activities: WorkerActivities,
  attemptId: AttemptId,
  onSleep: (seconds: number) => void,
): Runtime & { recorded(): Promise<void> } {
  let recording = Promise.resolve()
  const runtime: Runtime = {
    runTask: (_, input) => translated(call(() => activities.runTask({ attemptId, ...input }))),
    addTasks: (input) => translated(call(() => activities.addTasks({ attemptId, ...input }))),
    async runBranch({ parentId, parentName, round, from, count, layers }) {
      const children = await call(() =>
        activities.planBranch({ attemptId, parentId, round, from, count }),
      )
      const branch = createWalk(runtime)
      const ended = await runSiblings(branch, children, parentName, layers)
      const failure = branch.track.firstFailure
      return {
        ending: worst([ended.ending]),
        left: ended.left,
        ...(failure === undefined ? {} : { failure }),
      }
    },
    mergeLayers: (layers) => call(() => activities.mergeLayers({ attemptId, layers })),
    record(change) {
      recording = recording.then(() =>
        call(() => activities.recordStates({ attemptId, changes: [change] })),
      )
    },
    async sleep(seconds) {
      onSleep(seconds)
      if (seconds <= longestSleep) await sleep(seconds * 1000)
    },
    alarm(at) {
      const stopped = new AbortController()
      const rang = sleep(Math.max(at - Date.now(), 0), true, { signal: stopped.signal })
      return { rang: rang.catch(() => false), stop: () => stopped.abort() }
    },
    report: () => undefined,
    now: () => Date.now(),
  }
  return { ...runtime, recorded: () => recording }
}

async function translated<Result>(running: Promise<Result>): Promise<Result> {
  try {
    return await running
  } catch (error) {
    if (error instanceof CancelledFailure) throw new CanceledError()
    if (error instanceof ApplicationFailure && error.type === taskFailed) {
      throw new TaskFailedError(error.message, error.details?.[0] ?? {})
    }
    throw error
  }
}

async function played(
  store: Store,
  attempt: Attempt,
  end: TreeEnd,
  slept: readonly number[],
): Promise<Played> {
  const tasks = await store.tasks.ofAttempt(attempt.id)
  const log = async (fullName: string): Promise<string> => {
    const files = await store.logs.files(attempt.id)
    const own = files.filter((file) => file.fullName === fullName)
    return (await Promise.all(own.map((file) => logText(store.logs, file.id)))).join('')
  }
  return {
    attempt,
    end,
    tasks,
    slept,
    task(fullName) {
      const task = tasks.findLast((row) => row.fullName === fullName)
      if (task === undefined) throw new Error(`No task ${fullName}`)
      return task
    },
    states: tasks.map((task) => `${task.fullName} ${task.state}`),
    log,
    output: async (fullName) =>
      (await log(fullName)).replaceAll(/^\d{4}-\d\d-\d\d \S+ \+0000 \[[A-Z]+\].*\n/gm, ''),
  }
}
