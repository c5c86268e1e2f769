import { Context } from '@temporalio/activity'
import type { RunTaskInput, TaskOutcome } from '#workflows/activities.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Store } from '#store/index.ts'
import type { Task } from '#store/types.ts'
import type { AttemptFacts, FindFacts } from '../attempt/facts.ts'
import type { FindResumption } from '../attempt/resume.ts'
import { insertSubtasks, plannedSubtasks } from '../attempt/subtasks.ts'
import type { Expressions } from '../expression/evaluate.ts'
import { longestMessage, taskFailure } from '../failure.ts'
import { createTaskLog, type TaskLog } from '../log/task-log.ts'
import type { Archives } from '../project/archives.ts'
import { createRunFiles, type RunFiles } from '../project/project-files.ts'
import { createMask, type Mask } from '../secrets/mask.ts'
import { createTaskSecrets } from '../secrets/task-secrets.ts'
import { shorten } from '../shorten.ts'
import { createConfig } from './config.ts'
import { describeFailure, type Failure } from './describe-failure.ts'
import { createFormerWorker, thisWorker } from './former-worker.ts'
import { startHeartbeat, type Heartbeat } from './heartbeat.ts'
import { interruptionOf, longestRun, withLimit } from './interruption.ts'
import { loadLayers, mergeLayers } from './layers.ts'
import type { Operator, OperatorContext, OperatorResult } from './operator.ts'
import { isOutage } from './outage.ts'
import { recordedEnd, recordEnd, type RunEnd } from './outcome.ts'
import { nextTry, readRetry } from './retry.ts'
import { callOf, prepare, type Evaluation, type Prepared } from './prepare.ts'
import { warnUnused } from './unused-keys.ts'

export interface RunTaskDeps {
  readonly store: Store
  readonly facts: FindFacts
  readonly resumptions: FindResumption
  readonly operators: ReadonlyMap<string, Operator>
  readonly expressions: Expressions
  readonly archives: Archives
  readonly agent: string
  readonly temporary?: string
  /** Of what one run of a task prints; absent: defaultLogBytes. */
  readonly logBytes?: number
}

/** Who calls: Temporal, or the step that carries this task among others. */
export interface RunContext {
  readonly cancellationSignal: AbortSignal
  readonly heartbeat: (details?: unknown) => void
  /** `attempt`: how often this very call was made, from 1 on. */
  readonly info: { readonly isLocal: boolean; readonly attempt: number }
}

/** One run of a task, and all that it needs. */
interface Run {
  readonly deps: RunTaskDeps
  readonly input: RunTaskInput
  readonly facts: AttemptFacts
  readonly task: Task
  readonly log: TaskLog
  readonly mask: Mask
  readonly files: RunFiles
  readonly heartbeat: Heartbeat
  readonly signal: AbortSignal
  /** How often Temporal, or a step, has made this call. */
  readonly tries: number
  /** Resolves when the row says that the task runs. */
  readonly begun: Promise<void>
  /** Rejects when the task is not to be run any more. */
  readonly admitted: Promise<void>
}

// R1. A run that has ended is never run again: its end stands on the row and is answered again.
// R2. A failed task is recorded and ends the call for good; a failure of ours is thrown as it is, and
//     Temporal calls again.
// R3. The log is complete before the task's end is written.

/** Runs a task of whatever operator: the one activity behind all leaves of an attempt's tree. */
export function createRunTask(
  deps: RunTaskDeps,
): (input: RunTaskInput, context?: RunContext) => Promise<TaskOutcome> {
  const former = createFormerWorker(deps.store.workerDeaths, deps.agent)
  let runs = 0
  return async (input, context = Context.current()) => {
    const [facts, loaded] = await Promise.all([
      deps.facts(input.attemptId),
      loadLayers(deps.store, input.layers, [input.taskId]),
    ])
    const task = loaded.tasks.get(input.taskId)
    if (task === undefined) throw taskFailure(`Task ${input.taskId} does not exist`)
    const before = recordedEnd(task, input)
    if (before !== undefined) return answer(deps.store, before)

    runs += 1
    const mask = createMask()
    const limited = withLimit(context.cancellationSignal, longestRun)
    const admitted = former.ask(task, input.version, limited.signal)
    const begin = () => deps.store.tasks.begin(task.id, { ...input, worker: thisWorker })
    const begun = admitted.then(begin, begin)
    // Awaited before the end is written; until then the task need not wait for it.
    begun.catch(() => undefined)
    const giveUp = (): void => {
      if (interruptionOf(limited.signal) !== 'moved') return
      former.release(task.id).catch(() => undefined)
    }
    limited.signal.addEventListener('abort', giveUp, { once: true })
    const run: Run = {
      deps,
      input,
      facts,
      task,
      mask,
      begun,
      admitted,
      log: openLog(deps, facts, task, mask, runs),
      files: createRunFiles({
        archive: () => deps.archives(facts.workflow.revisionId),
        ...(deps.temporary === undefined ? {} : { temporary: deps.temporary }),
      }),
      heartbeat: startHeartbeat(context),
      signal: limited.signal,
      tries: context.info.attempt,
    }
    let ended = false
    try {
      const inherited = mergeLayers(input.layers, loaded).params
      const end = await perform(run, inherited)
      ended = true
      return await answer(deps.store, end)
    } finally {
      run.heartbeat.stop()
      limited.stop()
      // Nothing of this call is under way any more when it ends.
      await begun.catch(() => undefined)
      if (!ended) await former.release(task.id).catch(() => undefined)
      await run.files.remove()
    }
  }
}

function openLog(
  { store, agent, logBytes }: RunTaskDeps,
  { attempt }: AttemptFacts,
  task: Task,
  mask: Mask,
  run: number,
): TaskLog {
  const { projectName, sessionId } = attempt
  const { fullName } = task
  const place = { projectName, sessionId, attemptId: attempt.id, taskId: task.id, fullName, run }
  const limits = logBytes === undefined ? {} : { mostBytes: logBytes }
  return createTaskLog({ logs: store.logs, place, agent, mask, ...limits })
}

/** Runs the operator and writes how it ended. */
async function perform(run: Run, inherited: JsonObject): Promise<RunEnd> {
  let prepared: Prepared | undefined
  try {
    await run.admitted
    prepared = await prepare(evaluation(run), run.facts, run.task, inherited)
    const result = await runOperator(run, prepared)
    if (interruptionOf(run.signal) === 'killed') throw run.signal.reason
    return await succeeded(run, result)
  } catch (error) {
    const interruption = interruptionOf(run.signal)
    if (interruption === 'killed' || interruption === 'moved') {
      await run.begun
      await run.log.close()
      if (interruption === 'killed') await end(run, { state: 'canceled' })
      throw run.signal.reason
    }
    // A command that had to be stopped fails with its own words, which are not the reason.
    const failure = describeFailure(
      interruption === 'overdue' ? run.signal.reason : error,
      run.tries,
    )
    if (failure === undefined) {
      run.log.say(
        'WARN',
        `Task ${run.task.fullName} was interrupted and runs again: ${String(error)}`,
      )
      await run.log.close().catch(() => undefined)
      throw error
    }
    return failed(run, failure, prepared)
  }
}

/** Expressions in this attempt's time zone, on its account. */
function evaluation({ deps, facts, signal }: Run): Evaluation {
  const { id: owner, timezone } = facts.attempt
  const scope = (params: JsonObject) => ({ params, timezone, owner, signal })
  return {
    config: (config, params) => deps.expressions.config(config, scope(params)),
    text: (text, params) => deps.expressions.text(text, scope(params)),
  }
}

async function runOperator(run: Run, prepared: Prepared): Promise<OperatorResult> {
  const { deps, input, task, log } = run
  // A poll goes on with what the first call has said already.
  if (input.polls === 0) log.say('INFO', callOf(prepared))
  const operator = deps.operators.get(prepared.operator)
  if (operator === undefined) throw prepared.unknownOperator
  prepared.retry = operator.retries ? readRetry(prepared.params) : undefined

  const used = new Set<string>(operator.retries ? ['_retry'] : [])
  const result = await operator.run(contextOf(run, prepared, operator, used))
  if (result.again === undefined) warnUnused(log, task.fullName, prepared.localKeys, used)
  return result
}

function contextOf(
  run: Run,
  prepared: Prepared,
  operator: Operator,
  used: Set<string>,
): OperatorContext {
  const { deps, facts, input, task } = run
  const { attempt } = facts
  const state = task.retries === input.retries ? task.operatorState : {}
  const progress = { value: state }
  return {
    task: {
      attemptId: attempt.id,
      sessionId: attempt.sessionId,
      sessionUuid: attempt.sessionUuid,
      sessionTime: attempt.sessionTime,
      projectId: attempt.projectId,
      projectName: attempt.projectName,
      workflowName: attempt.workflowName,
      revision: facts.workflow.revision,
      fullName: task.fullName,
      taskId: task.id,
      retries: input.retries,
      timezone: attempt.timezone,
    },
    config: createConfig(prepared.params, used, prepared.localKeys),
    get params() {
      for (const key of prepared.localKeys) used.add(key)
      return prepared.params
    },
    project: run.files,
    render: (text) => evaluation(run).text(text, prepared.params),
    secrets: createTaskSecrets({
      secrets: deps.store.secrets,
      projectId: attempt.projectId,
      allowed: operator.secrets,
      mounts: prepared.secretMounts,
      mask: run.mask,
    }),
    log: run.log.write,
    print: run.log.print,
    say: (level, text) => run.log.say(level, text),
    signal: run.signal,
    heartbeat: run.heartbeat.beat,
    state: {
      get value() {
        return progress.value
      },
      async save(next) {
        await run.begun
        await deps.store.tasks.saveOperatorState(task.id, input.retries, next)
        progress.value = next
      },
    },
    polls: input.polls,
  }
}

/** As in Digdag it is kept, because later tasks may need it; but somebody should know. */
const secretStored =
  'What this task stores or exports for later tasks holds the value of a secret: all who may read this attempt can see it. Let the later tasks read the secret themselves'

async function succeeded(run: Run, result: OperatorResult): Promise<RunEnd> {
  const { deps, input, task } = run
  if (result.again !== undefined) {
    const { afterSeconds } = result.again
    const ended: RunEnd = { kind: 'again', afterSeconds }
    await run.log.close()
    await end(run, {
      state: 'retry_waiting',
      outcome: recordEnd(ended, input),
      retryAt: new Date(Date.now() + afterSeconds * 1000),
    })
    return ended
  }
  const { stored, exported } = result
  if (run.mask.finds([stored, exported, result.subtasks])) run.log.say('WARN', secretStored)
  const subtasks = await insertSubtasks(deps.store, deps.resumptions, task, input.retries, result)
  const ended: RunEnd = {
    kind: 'done',
    stored: isFilled(result.stored) || (result.resetParams ?? []).length > 0,
    exported: isFilled(result.exported),
    subtasks,
  }
  await run.log.close()
  await end(run, {
    state: subtasks !== null || '_check' in task.config ? 'planned' : 'success',
    outcome: recordEnd(ended, input),
    stored: result.stored ?? {},
    resetParams: result.resetParams ?? [],
    exported: result.exported ?? {},
    ...(result.usage === undefined ? {} : { usage: result.usage }),
  })
  return ended
}

async function failed(run: Run, failure: Failure, prepared: Prepared | undefined): Promise<RunEnd> {
  const { input, task, mask, log } = run
  const message = shorten(mask.text(failure.message), longestMessage)
  const retryAfterSeconds = failure.retryable ? nextTry(prepared?.retry, input.retries) : undefined
  const ended: RunEnd = {
    kind: 'failed',
    message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  log.say('ERROR', failure.line(task.fullName, message, retryAfterSeconds !== undefined))
  await log.close().catch(rethrowOutage)
  const outcome = recordEnd(ended, input)
  const error = { message }
  const how: End =
    retryAfterSeconds === undefined
      ? { state: '_error' in task.config ? 'planned' : 'error', outcome, error }
      : {
          state: 'retry_waiting',
          outcome,
          error,
          retryAt: new Date(Date.now() + retryAfterSeconds * 1000),
        }
  // What the store refuses to write fails the task all the same: the workflow records that it did.
  await end(run, how).catch(rethrowOutage)
  return ended
}

function rethrowOutage(error: unknown): void {
  if (isOutage(error)) throw error
}

type End = Omit<Parameters<Store['tasks']['end']>[1], 'version' | 'retries'>

async function end({ deps, input, task, begun }: Run, how: End): Promise<void> {
  await begun
  await deps.store.tasks.end(task.id, {
    version: input.version,
    retries: input.retries,
    ...how,
  })
}

/** What the workflow is told; throws for a failed task. */
async function answer(store: Store, ended: RunEnd): Promise<TaskOutcome> {
  if (ended.kind === 'again') return { kind: 'again', afterSeconds: ended.afterSeconds }
  if (ended.kind === 'failed') {
    const { message, retryAfterSeconds } = ended
    throw taskFailure(message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
  }
  return {
    kind: 'done',
    ...(ended.stored ? { stored: true } : {}),
    ...(ended.exported ? { exported: true } : {}),
    ...(ended.subtasks === null ? {} : { subtasks: await plannedSubtasks(store, ended.subtasks) }),
  }
}

const isFilled = (params: JsonObject | undefined): boolean =>
  params !== undefined && Object.keys(params).length > 0
