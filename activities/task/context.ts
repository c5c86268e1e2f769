import type { JsonObject } from '#workflows/domain/json.ts'
import { createTaskSecrets } from '../secrets/task-secrets.ts'
import { createConfig } from './config.ts'
import type { Operator, OperatorContext } from './operator.ts'
import type { Evaluation, Prepared } from './prepare.ts'
import type { Run } from './run.ts'

/** Expressions in this attempt's time zone, on its account. */
export function evaluation({ deps, facts, signal }: Run): Evaluation {
  const { id: owner, timezone } = facts.attempt
  const scope = (params: JsonObject) => ({ params, timezone, owner, signal })
  return {
    config: (config, params) => deps.expressions.config(config, scope(params)),
    text: (text, params) => deps.expressions.text(text, scope(params)),
  }
}

/** What one run of an operator is given; `used` gathers the parameters that it reads. */
export function contextOf(
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
    mask: run.mask.text,
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
    usage: {
      begin(resource) {
        const { retries, polls } = input
        return deps.store.usages.begin(
          { attemptId: attempt.id, taskId: task.id, retries, polls },
          resource,
        )
      },
      end: (resource, how) => deps.store.usages.end(resource, how),
    },
    polls: input.polls,
  }
}
