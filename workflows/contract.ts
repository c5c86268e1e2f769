import { excerpt } from './domain/cut.ts'
import type { Branch } from './domain/branches.ts'
import type { AttemptId, ScheduleId, TaskId } from './domain/ids.ts'
import type { RetryRule } from './domain/retry.ts'
import type { TaskQueue } from './domain/task-queues.ts'

/**
 * What the API and the activities know of the workflows: ids, arguments and names, no behaviour.
 */

/** The Temporal workflow type that interprets a `.dig` workflow. */
export const digWorkflowType = 'runAttempt'
/** The Temporal workflow type that a schedule starts. */
export const scheduleWorkflowType = 'fireSchedule'

/**
 * How late a session is still run after everything was down, in seconds, unless somebody asked for it; Temporal fires its
 * tick as late. A tick that comes later than that was asked for: it is a backfill.
 */
export const catchUpSeconds = 86_400

/** How long each name is in an id at most: a whole id has to fit into the 255 characters of Temporal's databases. */
const longestName = 60

/**
 * What people read first in Temporal's lists, before `/attempt-<id>`: project, workflow, and the session time with the
 * workflow's offset, as in `shops/daily/2026-11-24T00:00:00+09:00`.
 */
export const attemptPrefix = (project: string, workflow: string, sessionTime: string): string =>
  [excerpt(project, longestName), excerpt(workflow, longestName), sessionTime].join('/')
/** A schedule starts a session once, whoever sees first that it is due. */
export const scheduledStartKey = (scheduleId: ScheduleId, sessionTime: Date): string =>
  `schedule-${scheduleId}-${sessionTime.toISOString()}`
/** A schedule's id in Temporal, which people read in its list: `shops/daily/schedule-4`. */
export const temporalScheduleId = ({ id, projectName, workflowName }: NamedSchedule): string =>
  [excerpt(projectName, longestName), excerpt(workflowName, longestName), `schedule-${id}`].join(
    '/',
  )

/** The schedule of an id in Temporal, also as the release before wrote them (`schedule-4`); undefined of one that is not ours. */
export function idOfTemporalSchedule(temporalId: string): ScheduleId | undefined {
  const id = /(?:^|\/)schedule-(\d+)$/.exec(temporalId)?.[1]
  return id === undefined ? undefined : (Number(id) as ScheduleId)
}

export interface NamedSchedule {
  readonly id: ScheduleId
  readonly projectName: string
  readonly workflowName: string
}

/** Argument of every attempt's workflow; all else is read from PostgreSQL by reference. */
export interface AttemptInput {
  /** For people who see it in Temporal's UI: what it is of, and its address in the API. Nothing reads them. */
  readonly attempt?: string
  readonly page?: string
  readonly attemptId: AttemptId
  /** Makes up for a session long past: nobody waits for it, so it is never late. */
  readonly backfill?: true
  /** Its steps go by what they carry; absent of attempts that the release before began. */
  readonly namedSteps?: true
}

/** Argument of the workflow a Temporal Schedule starts. */
export interface FireScheduleInput {
  readonly scheduleId: ScheduleId
  /** `delay` of a schedule whose ticks are its session times. */
  readonly delaySeconds?: number
  /** The tick waits for its attempt and ends as that does; absent of ticks of the release before. */
  readonly follows?: true
}

/** Search attributes of every attempt's workflow (name → Temporal type). */
export const searchAttributes = {
  SuiroProject: 'KEYWORD',
  SuiroWorkflow: 'KEYWORD',
  SuiroSessionTime: 'DATETIME',
  SuiroAttemptId: 'INT',
  /** Why it was started: start, schedule, backfill, retry, require. */
  SuiroReason: 'KEYWORD',
  /** Who or what started it: a program, a schedule, another attempt. */
  SuiroStartedBy: 'KEYWORD',
  /** How it ended, in the API's words: success, error, killed. */
  SuiroState: 'KEYWORD',
} as const

/**
 * A task as the interpreter sees it: enough to decide what runs next, nothing that could be large.
 * Its config, exports and stored parameters stay in PostgreSQL under its id.
 */
export type PlannedTask = WalkedTask | ResumedTask
export type WalkedTask = PlannedOperator | PlannedGroup

interface PlannedBase {
  readonly id: TaskId
  /** Own name, e.g. `+load`; the root's is `+<workflow>`. */
  readonly name: string
  /** Ids of the siblings that must succeed first. */
  readonly upstreams: readonly TaskId[]
  /** A sibling in an earlier branch that it waits for did not succeed: it never starts. */
  readonly blocked?: true
}

/** What is walked, and may fail. */
interface PlannedRun extends PlannedBase {
  readonly resumed?: undefined
  readonly retry?: RetryRule
  readonly hasExports?: true
  readonly hasError?: true
}

/** Calls an operator, and walks what that generates. */
export interface PlannedOperator extends PlannedRun {
  readonly operator: string
  /** Where it runs, if its operator is a team's own and says so; fixed for the attempt when it is planned. */
  readonly queue?: TaskQueue
  readonly hasCheck?: true
  readonly children?: undefined
  readonly folded?: undefined
}

/** Walks its children. */
export type PlannedGroup = WholeGroup | FoldedGroup

export interface WholeGroup extends PlannedRun {
  readonly operator?: undefined
  readonly children: readonly PlannedTask[]
  readonly folded?: undefined
}

/** One with too many children for one plan, and for one workflow's history: they run in branches. */
export interface FoldedGroup extends PlannedRun {
  readonly operator?: undefined
  readonly children?: undefined
  readonly folded: readonly Branch[]
}

/** Taken over as success from the attempt that this one resumes, with everything below it. */
export interface ResumedTask extends PlannedBase {
  readonly resumed: true
  readonly operator?: undefined
  readonly children?: undefined
  readonly folded?: undefined
  /** What it and everything below it stored there. */
  readonly left?: readonly ParamLayer[]
}

/** Temporal workflow type that runs one branch of a large group. */
export const branchWorkflowType = 'runBranch'

/** A branch: so many children of one group, from a place on. */
export interface BranchInput {
  readonly attemptId: AttemptId
  readonly parentId: TaskId
  readonly parentName: string
  /** The group's round, or the logical try of the operator that generated it. */
  readonly round: number
  readonly from: number
  readonly count: number
  readonly layers: readonly ParamLayer[]
  /** As the attempt's own. */
  readonly namedSteps?: true
}

/** How a branch ended. */
export interface BranchEnd {
  readonly ending: 'success' | 'failed' | 'canceled'
  /** What tasks after the branch see of it. */
  readonly left: readonly ParamLayer[]
  /** The first failure, as `<full name>: <message>`. */
  readonly failure?: string
  /** Full names of tasks that nothing around them may run again. */
  readonly final?: readonly string[]
}

/** The workflow that walks a branch, as its parent calls it. */
export type RunBranch = (input: BranchInput) => Promise<BranchEnd>

/** `caller`: id of the attempt's workflow, or of the branch that this one is within. */
export const branchWorkflowId = (caller: string, branch: BranchInput): string => {
  // Attempts of the release before have no other names.
  const attempt = branch.namedSteps
    ? caller.replace(/\/branch-[^/]*$/, '')
    : `attempt-${branch.attemptId}`
  return `${attempt}/branch-${branch.parentId}-${branch.round}-${branch.from}`
}

/**
 * One layer of a task's parameters: the exports or the stored parameters of another task, or what many
 * such layers came to. A list of layers goes from the weakest to the strongest.
 */
export type ParamLayer =
  | readonly [kind: 'export' | 'store', taskId: TaskId]
  | readonly [kind: 'merged', id: number]

/** More layers than this are merged into one before they are handed on. */
export const mostLayers = 64
