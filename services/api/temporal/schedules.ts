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
  temporalScheduleId,
  type FireScheduleInput,
} from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { TemporalUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import { unavailable } from '#services/shared/unavailable.ts'
import { withPatience } from './patience.ts'

/** Keeps Temporal's schedules in line with the store's. */
export interface ScheduleControl {
  /** After a push, or a deleted project. Never fails: what is left over, `syncIfDue` does later. */
  changed(now: readonly Schedule[], removed: readonly ScheduleId[]): Promise<void>
  disable(schedule: Schedule): Promise<void>
  enable(schedule: Schedule): Promise<void>
  /** Compares all of them, when a change was left over or the last comparison is long ago. */
  syncIfDue(): Promise<void>
}

export interface ScheduleControlNeeds {
  readonly client: Client
  readonly schedules: Pick<Schedules, 'all'>
  readonly log: Log
}

const syncEveryMs = 10 * 60_000

export function createScheduleControl(needs: ScheduleControlNeeds): ScheduleControl {
  const { client, schedules, log } = needs
  let nextSync = 0

  const handle = (id: ScheduleId) => client.schedule.getHandle(temporalScheduleId(id))

  const put = async (schedule: Schedule): Promise<void> => {
    const options = scheduleOptions(schedule)
    const paused = schedule.disabledAt !== null
    try {
      await withPatience(client, () =>
        client.schedule.create({ ...options, state: { ...options.state, paused } }),
      )
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
      const { scheduleId: _, ...rest } = options
      await withPatience(client, () =>
        handle(schedule.id).update((previous) => ({
          ...rest,
          // Paused in Temporal's own UI: stays so until somebody enables it.
          state: { ...options.state, paused: paused || previous.state.paused },
        })),
      )
    }
  }

  const remove = async (id: ScheduleId): Promise<void> => {
    try {
      await withPatience(client, () => handle(id).delete())
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error
    }
  }

  /** Asks for a schedule that Temporal may have lost; then it is made anew first. */
  const onExisting = async (schedule: Schedule, ask: () => Promise<void>): Promise<void> => {
    try {
      await withPatience(client, ask).catch(async (error: unknown) => {
        if (!(error instanceof ScheduleNotFoundError)) throw error
        await put(schedule)
        await withPatience(client, ask)
      })
    } catch (error) {
      if (!unavailable(error)) throw error
      nextSync = 0
      throw new TemporalUnavailable('Ask again in a moment')
    }
  }

  const syncAll = async (): Promise<void> => {
    // Temporal's list comes first: what is pushed meanwhile is then never taken for a left-over.
    const there: ScheduleId[] = []
    for await (const { scheduleId, action } of client.schedule.list()) {
      const id = /^schedule-(\d+)$/.exec(scheduleId)?.[1]
      if (id !== undefined && action?.workflowType === scheduleWorkflowType) {
        there.push(Number(id) as ScheduleId)
      }
    }
    const wanted = await schedules.all()
    const ids = new Set(wanted.map(({ id }) => id))
    for (const id of there) if (!ids.has(id)) await remove(id)
    for (const schedule of wanted) await put(schedule)
  }

  return {
    async changed(now, removed) {
      try {
        for (const id of removed) await remove(id)
        for (const schedule of now) await put(schedule)
      } catch (error) {
        nextSync = 0
        log.warn({ err: error }, 'schedules not brought in line yet; will try again')
      }
    },

    disable: (schedule) =>
      onExisting(schedule, () => handle(schedule.id).pause('Disabled through the API')),

    enable: (schedule) =>
      onExisting(schedule, () => handle(schedule.id).unpause('Enabled through the API')),

    async syncIfDue() {
      if (Date.now() < nextSync) return
      nextSync = Date.now() + syncEveryMs
      try {
        await syncAll()
      } catch (error) {
        nextSync = 0
        throw error
      }
    },
  }
}

function fireInput({ id, definition }: Schedule): FireScheduleInput {
  const delaySeconds = fireDelaySeconds(definition)
  return { scheduleId: id, ...(delaySeconds > 0 ? { delaySeconds } : {}) }
}

function scheduleOptions(schedule: Schedule) {
  const name = `${schedule.projectName}/${schedule.workflowName}`
  return {
    scheduleId: temporalScheduleId(schedule.id),
    spec: temporalSpec(schedule.definition),
    action: {
      type: 'startWorkflow',
      workflowType: scheduleWorkflowType,
      taskQueue: 'control',
      args: [fireInput(schedule)],
      memo: { project: schedule.projectName, workflow: schedule.workflowName },
      staticSummary: name,
    },
    // Sessions are independent; what may not overlap is said by skip_on_overtime in the .dig file.
    policies: { overlap: 'ALLOW_ALL', catchupWindow: '1 day' },
    memo: { project: schedule.projectName, workflow: schedule.workflowName },
    state: { note: `${name}: ${schedule.definition.type}> ${schedule.definition.command}` },
  } satisfies ScheduleOptions
}
