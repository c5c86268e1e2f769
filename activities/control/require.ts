import type { Store } from '#store/index.ts'
import type { Attempt, Workflow } from '#store/types.ts'
import type { AttemptId, ProjectId } from '#workflows/domain/ids.ts'
import type { StartAttempt } from '../deps.ts'
import { configError, OperatorError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

export interface RequireDeps {
  readonly store: Pick<Store, 'attempts' | 'projects' | 'workflows'>
  readonly startAttempt: StartAttempt
}

/** Seconds until the first looks at the other attempt. */
const looks = [1, 2, 4, 8, 10] as const

/**
 * Seconds until the next look. Each leaves some events in the attempt's history, so they become rarer
 * the longer it takes: every 10 seconds for some minutes, every 5 minutes after some hours.
 */
function nextLook(polls: number): number {
  const first = looks[polls]
  return first ?? Math.round(growingWait({ first: 10, most: 300, factor: 1.05, after: 30 }, polls))
}

type Key = KeyOf<'require'>

/** Names under which the operator keeps what it waits for; Digdag's own. */
const attemptKey = 'target_attempt_id'
const sessionKey = 'target_session_id'
const kickedKey = 'require_kicked'

/** `require>: workflow` waits for another workflow's session, which it starts if nobody has. */
export const createRequire = (deps: RequireDeps): BuiltIn<'require'> =>
  builtIn('require', async (context) => {
    const ignoreFailure = context.config.boolean('ignore_failure', false)
    const known = context.state.value[attemptKey]
    const target =
      typeof known === 'number'
        ? await lookAt(deps, known as AttemptId)
        : await begin(deps, context)
    return conclude(target, ignoreFailure, context.polls)
  })

async function lookAt({ store }: RequireDeps, id: AttemptId): Promise<Attempt> {
  const attempt = await store.attempts.find(id)
  if (attempt === undefined) throw new OperatorError(`Attempt ${id} is not there any more`)
  return attempt
}

function conclude(target: Attempt, ignoreFailure: boolean, polls: number): OperatorResult {
  if (target.finishedAt === null) {
    return { again: { afterSeconds: nextLook(polls) } }
  }
  if (target.success || ignoreFailure) return {}
  throw new OperatorError(
    `Dependent workflow failed. Session id: ${target.sessionId}, attempt id: ${target.id}`,
    { kind: 'plain', code: 'DEPENDENCY' },
  )
}

/** Starts the session's attempt, or joins the one that is there; remembers which. */
async function begin(deps: RequireDeps, context: OperatorContext<Key>): Promise<Attempt> {
  const { config, task, state } = context
  const rerunOn = config.optionalString('rerun_on') ?? 'none'
  if (rerunOn !== 'none' && rerunOn !== 'failed' && rerunOn !== 'all') {
    throw configError(`invalid rerun_on option:${rerunOn}`)
  }
  const workflow = await findWorkflow(deps, context)
  const sessionTime = readSessionTime(config)
  const retryAttemptName = local(config, 'retry_attempt_name')
  if (retryAttemptName?.trim() === '') {
    throw configError(
      "Parameter 'retry_attempt_name' must not be blank: write a name, or remove it",
    )
  }
  const params = config.optionalObject('params') ?? {}
  // A repeated call of this very try finds what it started before by these names.
  const name = `require-${task.attemptId}-${task.taskId}-${task.retries}`
  const wanted = {
    workflow,
    sessionTime,
    params,
    actor: { kind: 'task', attemptId: task.attemptId, taskId: task.taskId },
    reason: 'require',
  } as const
  const first = await deps.startAttempt({
    ...wanted,
    idempotencyKey: name,
    ...(retryAttemptName === undefined ? {} : { retryAttemptName }),
  })
  const found = first.attempt
  const isOwn = first.created || first.reason === 'idempotency-key'
  const again =
    !isOwn &&
    found.finishedAt !== null &&
    (rerunOn === 'all' || (rerunOn === 'failed' && !found.success))
  const target = again
    ? (await deps.startAttempt({ ...wanted, retryAttemptName: name })).attempt
    : found
  if (target.id === task.attemptId) {
    throw new OperatorError(
      `Workflow '${workflow.name}' waits for its own session, which ends only when this task has ended. Give require> another workflow or another session_time`,
      { kind: 'config', retryable: false },
    )
  }
  await state.save({
    [attemptKey]: target.id,
    [sessionKey]: target.sessionId,
    [kickedKey]: isOwn || again,
  })
  return target
}

async function findWorkflow(
  { store }: RequireDeps,
  { config, task }: OperatorContext<Key>,
): Promise<Workflow> {
  const name = config.string('_command')
  const givenId = config.isLocal('project_id') ? config.integer('project_id') : undefined
  const givenName = local(config, 'project_name')
  if (givenId !== undefined && givenName !== undefined) {
    throw configError("Both project_id and project_name can't be set")
  }
  const projectId =
    givenName === undefined
      ? ((givenId ?? task.projectId) as ProjectId)
      : (await store.projects.findByName(givenName))?.id
  const workflow = projectId && (await store.workflows.findByName(projectId, name))
  if (workflow === undefined) {
    const project =
      givenName === undefined ? `projectId: ${projectId}` : `projectName: ${givenName}`
    throw new OperatorError(`Dependent workflow does not exist. ${project}, workflowName:${name}`, {
      kind: 'plain',
      code: 'DEPENDENCY',
    })
  }
  return workflow
}

/** An option that counts only where it is written at the task itself. */
const local = (config: Config<Key>, key: Key): string | undefined =>
  config.isLocal(key) ? config.optionalString(key) : undefined

function readSessionTime(config: Config<Key>): Date {
  const text = config.string('session_time')
  const time = new Date(text)
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text)
  if (hasOffset && !Number.isNaN(time.getTime())) return time
  throw configError(
    `Expected a time with an offset for key 'session_time' but got ${JSON.stringify(text)}`,
  )
}
