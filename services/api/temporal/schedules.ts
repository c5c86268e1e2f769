import { createHash } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client'
import type { Schedules } from '#store/schedules.ts'
import type { Schedule } from '#store/types.ts'
import { fireDelaySeconds, temporalSpec } from '#workflows/calendar/index.ts'
import {
  scheduleWorkflowType,
  idOfTemporalSchedule,
  temporalScheduleId,
  type FireScheduleInput,
  type NamedSchedule,
  catchUpSeconds,
} from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { createSlots } from '#workflows/domain/slots.ts'
import { TemporalUnavailable } from '../errors.ts'
import type { Log } from '#services/shared/log.ts'
import { unavailable } from '#services/shared/unavailable.ts'
import { withPatience } from '#services/shared/patience.ts'
import { createTurns, eachOf } from './side-by-side.ts'

/** Keeps Temporal's schedules in line with the store's, whose rows say what is still to do. */
export interface ScheduleControl {
  /**
   * After a push, or a deleted project: passes on to Temporal what changed. Never fails, and answers within a
   * moment: what is left over then goes on behind the answer, or is done by the sweep.
   */
  changed(changed: readonly ScheduleId[], removed: readonly ScheduleId[]): Promise<void>
  disable(schedule: Schedule): Promise<void>
  enable(schedule: Schedule): Promise<void>
  /** Paused in Temporal, be it by hand. */
  isPaused(id: ScheduleId): Promise<boolean>
  /** Does what was left over; compares all of them when that is this process's turn. */
  syncIfDue(): Promise<void>
  /** Waits for what goes on behind answers; nothing new is begun. */
  stop(): Promise<void>
}

export interface ScheduleControlNeeds {
  readonly client: Client
  readonly schedules: Pick<
    Schedules,
    | 'all'
    | 'find'
    | 'named'
    | 'disable'
    | 'notInLine'
    | 'markInLine'
    | 'markRemoved'
    | 'takeTurn'
    | 'giveTurnBack'
  >
  readonly log: Log
  /** How long an answer waits for Temporal to be informed of everything. */
  readonly answerAfterMs?: number
}

const compareEverySeconds = 10 * 60
/**
 * Schedules written to Temporal at a time, by all pushes and the sweep together: more would only wait there,
 * longer than a request waits, and what attempts ask of Temporal would wait behind them.
 */
const sideBySide = 12

// L1. Whatever changes a schedule's row so that Temporal must be informed of it clears `in_line_as`; only
//     `markInLine` sets it, and only if the row still says what was sent to Temporal.
// L2. Within a process, one change of a schedule at a time; each reads the row anew.
// L3. Between processes a late change may win in Temporal: then its mark fails (L1), and the sweep fixes it.

export function createScheduleControl(needs: ScheduleControlNeeds): ScheduleControl {
  const { client, schedules, log, answerAfterMs = 500 } = needs
  const inTurn = createTurns<ScheduleId>()
  const slot = createSlots(sideBySide)
  const behind = new Set<Promise<unknown>>()
  let stopped = false

  const handle = (schedule: NamedSchedule) =>
    client.schedule.getHandle(temporalScheduleId(schedule))

  const put = async (schedule: Schedule): Promise<void> => {
    const options = scheduleOptions(schedule)
    const hash = hashOf(schedule)
    const paused = schedule.disabledAt !== null
    const state = { note: paused ? disabledNote : options.state.note }
    try {
      await withPatience(client, () =>
        client.schedule.create({ ...options, state: { ...state, paused } }),
      )
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
      const { scheduleId: _, ...rest } = options
      await withPatience(client, () =>
        handle(schedule).update((previous) => {
          // Paused in Temporal's own UI: stays so until somebody enables it.
          const byHand = previous.state.paused && previous.state.note !== disabledNote
          return { ...rest, state: { ...state, paused: paused || byHand } }
        }),
      )
    }
    await schedules.markInLine(schedule, hash)
  }

  const deleteThere = async (temporalId: string): Promise<void> => {
    const its = client.schedule.getHandle(temporalId)
    await withPatience(client, () => its.delete()).catch((error: unknown) => {
      if (!(error instanceof ScheduleNotFoundError)) throw error
    })
  }

  const remove = (id: ScheduleId): Promise<void> =>
    inTurn(id, async () => {
      const named = await schedules.named(id)
      if (named !== undefined) await deleteThere(temporalScheduleId(named))
      await schedules.markRemoved(id)
    })

  const bring = (id: ScheduleId, anyway = false): Promise<void> =>
    inTurn(id, async () => {
      const schedule = await schedules.find(id)
      if (schedule !== undefined && (anyway || !inLine(schedule))) await put(schedule)
    })

  /** Asks for a schedule that Temporal may have lost, or not have yet; then it is made first. */
  const onExisting = (schedule: Schedule, ask: () => Promise<void>): Promise<void> =>
    inTurn(schedule.id, async () => {
      try {
        await withPatience(client, ask).catch(async (error: unknown) => {
          if (!(error instanceof ScheduleNotFoundError)) throw error
          await put(schedule)
          await withPatience(client, ask)
        })
      } catch (error) {
        if (!unavailable(error)) throw error
        throw new TemporalUnavailable('Ask again in a moment')
      }
    })

  const inform = async (
    changed: readonly ScheduleId[],
    removed: readonly ScheduleId[],
    anyway: ReadonlySet<ScheduleId> = new Set(),
  ): Promise<void> => {
    const jobs = [
      ...removed.map((id) => () => remove(id)),
      ...changed.map((id) => () => bring(id, anyway.has(id))),
    ]
    let done = 0
    const began = Date.now()
    try {
      await eachOf(jobs, sideBySide, async (job) => {
        if (stopped) return
        await slot(job)
        done += 1
      })
    } finally {
      const figures = { done, of: jobs.length, milliseconds: Date.now() - began }
      if (jobs.length > 0) log.info(figures, 'brought schedules in line')
    }
  }

  const compareAll = async (): Promise<void> => {
    const began = Date.now()
    // Temporal's list comes first: what is pushed meanwhile is then never taken for a left-over.
    const there = new Map<ScheduleId, { readonly paused: boolean; readonly temporalId: string }>()
    const former = new Map<ScheduleId, boolean>()
    for await (const { scheduleId, action, state } of client.schedule.list({ pageSize: 1_000 })) {
      const id = idOfTemporalSchedule(scheduleId)
      if (id === undefined || action?.workflowType !== scheduleWorkflowType) continue
      if (scheduleId === formerId(id)) former.set(id, state.paused)
      else there.set(id, { paused: state.paused, temporalId: scheduleId })
    }
    const wanted = await schedules.all()
    const ids = new Set(wanted.map(({ id }) => id))
    // By the names of the release before: a pause by hand moves over, then they go.
    for (const { id, disabledAt } of wanted) {
      if (former.get(id) && disabledAt === null) await schedules.disable(id, { kind: 'temporal' })
    }
    const lost = new Set<ScheduleId>()
    const changed: ScheduleId[] = []
    for (const [at, schedule] of wanted.entries()) {
      // Hashes of thousands are work: requests have their turn in between.
      if (at % 100 === 99) await setImmediate()
      const paused = there.get(schedule.id)?.paused
      // Gone from Temporal, or running there though it is disabled here: whatever the row says.
      if (paused === undefined || (schedule.disabledAt !== null && !paused)) lost.add(schedule.id)
      else if (!inLine(schedule)) changed.push(schedule.id)
    }
    const left = [...there].flatMap(([id, { temporalId }]) => (ids.has(id) ? [] : temporalId))
    left.push(...[...former.keys()].map(formerId))
    const milliseconds = Date.now() - began
    const figures = { all: wanted.length, lost: lost.size, changed: changed.length, milliseconds }
    log.info({ ...figures, left: left.length }, "compared schedules with Temporal's")
    await inform([...lost, ...changed], [], lost)
    await eachOf(left, sideBySide, (temporalId) => slot(() => deleteThere(temporalId)))
  }

  const soon = async (work: Promise<void>): Promise<void> => {
    behind.add(work)
    const done = work.finally(() => behind.delete(work))
    done.catch(() => undefined)
    const waited = new AbortController()
    const pause = setTimeout(answerAfterMs, undefined, { signal: waited.signal }).catch(
      () => undefined,
    )
    await Promise.race([done, pause]).finally(() => waited.abort())
  }

  let sweeping: Promise<void> | undefined
  const sweep = async (): Promise<void> => {
    const { changed, removed } = await schedules.notInLine()
    await inform(changed, removed)
    if (!(await schedules.takeTurn(compareEverySeconds, await namespaceId(client)))) return
    try {
      await compareAll()
    } catch (error) {
      await schedules.giveTurnBack()
      throw error
    }
  }

  return {
    async changed(changed, removed) {
      const informed = inform(changed, removed).catch((error: unknown) => {
        log.warn({ err: error }, 'schedules not brought in line yet; will try again')
      })
      await soon(informed)
    },

    disable: (schedule) =>
      onExisting(schedule, async () => {
        await handle(schedule).pause(disabledNote)
        await schedules.markInLine(schedule, hashOf(schedule))
      }),

    enable: (schedule) =>
      onExisting(schedule, () => handle(schedule).unpause('Enabled through the API')),

    async isPaused(id) {
      try {
        const named = await schedules.named(id)
        if (named === undefined) return false
        return (await withPatience(client, () => handle(named).describe())).state.paused
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return false
        throw error
      }
    },

    async syncIfDue() {
      // A large comparison goes on behind the sweep's other work, and is not begun twice.
      sweeping ??= sweep().finally(() => (sweeping = undefined))
      await soon(sweeping)
    },

    async stop() {
      stopped = true
      await Promise.allSettled(behind)
    },
  }
}

/** Another one where Temporal was set up anew, though its address and the namespace's name stayed. */
async function namespaceId(client: Client): Promise<string> {
  const { namespace } = client.options
  const described = await withPatience(client, () =>
    client.connection.workflowService.describeNamespace({ namespace }),
  )
  return described.namespaceInfo?.id ?? ''
}

/** In Temporal: paused because it is disabled here, and not by hand. */
const disabledNote = 'Disabled through the API'

/** How the release before called a schedule in Temporal. */
const formerId = (id: ScheduleId): string => `schedule-${id}`

const inLine = (schedule: Schedule): boolean => schedule.inLineAs === hashOf(schedule)

/** What `in_line_as` is when Temporal has a schedule as its row says. */
export const hashOf = (schedule: Schedule): string =>
  createHash('sha256')
    .update(JSON.stringify([scheduleOptions(schedule), schedule.disabledAt !== null]))
    .digest('base64')

function fireInput({ id, definition }: Schedule): FireScheduleInput {
  const delaySeconds = fireDelaySeconds(definition)
  return { scheduleId: id, ...(delaySeconds > 0 ? { delaySeconds } : {}), follows: true }
}

function scheduleOptions(schedule: Schedule) {
  const name = `${schedule.projectName}/${schedule.workflowName}`
  return {
    scheduleId: temporalScheduleId(schedule),
    spec: temporalSpec(schedule.definition),
    action: {
      type: 'startWorkflow',
      workflowType: scheduleWorkflowType,
      // Temporal adds the time of the tick.
      workflowId: `${name}/tick`,
      taskQueue: 'control',
      args: [fireInput(schedule)],
      memo: { project: schedule.projectName, workflow: schedule.workflowName },
      staticSummary: name,
    },
    // Sessions are independent; what may not overlap is said by skip_on_overtime in the .dig file.
    policies: { overlap: 'ALLOW_ALL', catchupWindow: `${catchUpSeconds} seconds` },
    memo: { project: schedule.projectName, workflow: schedule.workflowName },
    state: { note: `${name}: ${schedule.definition.type}> ${schedule.definition.command}` },
  } satisfies ScheduleOptions
}
