import { Context } from '@temporalio/activity'
import type { RunTaskInput, TaskOutcome } from '#workflows/activities.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { RetryRule } from '#workflows/domain/retry.ts'
import type { TaskQueue } from '#workflows/domain/task-queues.ts'
import type { Task } from '#store/types.ts'
import type { AttemptFacts } from '../attempt/facts.ts'
import { OperatorError, taskFailure } from '../failure.ts'
import { createTaskLog, type TaskLog } from '../log/task-log.ts'
import { createRunFiles } from '../project/project-files.ts'
import { createMask, type Mask } from '../secrets/mask.ts'
import { describeFailure } from './describe-failure.ts'
import { contextOf, evaluation } from './context.ts'
import { answer, end, failed, succeeded } from './ends.ts'
import { createFormerWorker, thisWorker } from './former-worker.ts'
import { startHeartbeat } from './heartbeat.ts'
import { interruptionOf, longestRun, withLimit } from './interruption.ts'
import { loadLayers, mergeLayers } from '../attempt/layers.ts'
import type { Operator, OperatorResult } from './operator.ts'
import { recordedEnd, type RunEnd } from './outcome.ts'
import { isOutage } from './outage.ts'
import { readRetry } from './retry.ts'
import { ranTask } from './ran.ts'
import { callOf, prepare, type Prepared } from './prepare.ts'
import type { Run, RunContext, RunTaskDeps } from './run.ts'
import { warnUnused } from './unused-keys.ts'

/** Its workflow was reset in Temporal's own UI after its end. */
const attemptEnded =
  'The attempt had ended before, and nothing of it runs again: start the session again, or resume the attempt, through the API (runtime)'

// R1. A run that has ended is never run again: its end is stored on the row and is answered again.
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
    if (task.attemptEnded) throw taskFailure(attemptEnded, { final: true })

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
      log: openLog(deps, facts, task, input.retries, mask, runs, stepRun(input, context)),
      files: createRunFiles({
        archive: () => deps.archives(facts.workflow.revisionId),
        ...(deps.temporary === undefined ? {} : { temporary: deps.temporary }),
      }),
      heartbeat: startHeartbeat(context),
      signal: limited.signal,
      tries: context.info.attempt,
      inStep: context.info.isLocal,
    }
    let ended = false
    try {
      const inherited = mergeLayers(input.layers, loaded).params
      let prepared: Prepared | undefined
      const end = await perform(run, inherited, (its) => (prepared = its))
      ended = true
      // A step names its tasks itself, and carries too many of them.
      const ran =
        prepared === undefined || run.inStep ? undefined : ranTask(task.fullName, prepared, mask)
      return await answer(deps.store, end, ran)
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
  { id: taskId, fullName }: Task,
  retries: number,
  mask: Mask,
  run: number,
  stepRun: string | undefined,
): TaskLog {
  const { id: attemptId, projectName, sessionId } = attempt
  const place = { projectName, sessionId, attemptId, taskId, fullName, retries, run }
  const limits = logBytes === undefined ? {} : { mostBytes: logBytes }
  const once = stepRun === undefined ? {} : { stepRun }
  return createTaskLog({ logs: store.logs, place, agent, mask, ...limits, ...once })
}

/**
 * Names a run within a step. Temporal gives a step again whose workflow task has run out, maybe while it is still
 * under way; and a task that took longer than a step may is sent to the queue `control`, maybe just when it was about to
 * end: what they do is one run. (Another queue's tries are runs of their own: the one before it was lost.)
 */
const stepRun = (
  { version, polls }: RunTaskInput,
  { info: { isLocal, taskQueue, attempt } }: RunContext,
): string | undefined =>
  isLocal || taskQueue === ('control' satisfies TaskQueue)
    ? `${version}.${polls}.${attempt}`
    : undefined

/** Runs the operator and writes how it ended. */
async function perform(
  run: Run,
  inherited: JsonObject,
  onPrepared: (prepared: Prepared) => void,
): Promise<RunEnd> {
  // The operator's own, as far as it is known.
  let retry: RetryRule | undefined
  try {
    await run.admitted
    const prepared = await prepare(evaluation(run), run.facts, run.task, inherited)
    onPrepared(prepared)
    const operator = operatorOf(run, prepared)
    if (operator.retries) retry = readRetry(prepared.params)
    const result = await runOperator(run, prepared, operator)
    if (interruptionOf(run.signal) === 'killed') throw run.signal.reason
    return await succeeded(run, result)
  } catch (error) {
    const interruption = interruptionOf(run.signal)
    if (interruption === 'killed' || interruption === 'moved') {
      await run.begun
      if (interruption === 'killed' || !run.inStep) await run.log.close()
      if (interruption === 'killed') await end(run, { state: 'canceled' })
      throw run.signal.reason
    }
    // A command that had to be stopped fails with its own words, which are not the reason.
    const ownWords = interruption !== 'overdue' || (error instanceof OperatorError && error.final)
    const failure = describeFailure(ownWords ? error : run.signal.reason, run.tries)
    if (failure === undefined) {
      // The next step makes this very run again, and writes its log from the beginning.
      if (run.inStep && isOutage(error)) throw error
      run.log.say(
        'WARN',
        `Task ${run.task.fullName} was interrupted and runs again: ${String(error)}`,
      )
      await run.log.close().catch(() => undefined)
      throw error
    }
    return failed(run, failure, retry)
  }
}

function operatorOf({ deps, input, log }: Run, prepared: Prepared): Operator {
  // A poll goes on with what the first call has said already.
  if (input.polls === 0) log.say('INFO', callOf(prepared))
  const operator = deps.operators.get(prepared.operator)
  if (operator === undefined) throw prepared.unknownOperator
  return operator
}

async function runOperator(
  run: Run,
  prepared: Prepared,
  operator: Operator,
): Promise<OperatorResult> {
  const { task, log } = run
  const used = new Set<string>(operator.retries ? ['_retry'] : [])
  const result = await operator.run(contextOf(run, prepared, operator, used))
  if (result.again === undefined && operator.anyParameter !== true)
    warnUnused(log, task.fullName, prepared.localKeys, used)
  return result
}
