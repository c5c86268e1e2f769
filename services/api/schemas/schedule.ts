import { Type, type Static } from 'typebox'
import type { Schedule as ScheduleRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { instant } from '../time.ts'
import { IdAndName, IdOf, IdText, idText, Instant, Nullable, ZonedTime } from './common.ts'

export const ScheduleParams = Type.Object({ id: IdOf<ScheduleId>('schedule') })

const times = {
  nextRunTime: Instant,
  nextScheduleTime: ZonedTime,
}

export const Schedule = Type.Object(
  {
    id: IdText,
    project: IdAndName,
    workflow: IdAndName,
    ...times,
    disabledAt: Nullable(Instant),
  },
  { title: 'Schedule' },
)

export const ScheduleSummary = Type.Object(
  {
    id: IdText,
    project: IdAndName,
    workflow: IdAndName,
    ...times,
    createdAt: Instant,
    updatedAt: Instant,
    disabledAt: Nullable(Instant),
  },
  { title: 'ScheduleSummary' },
)

const head = (schedule: ScheduleRow) => ({
  id: idText(schedule.id),
  project: { id: idText(schedule.projectId), name: schedule.projectName },
  workflow: { id: idText(schedule.workflowId), name: schedule.workflowName },
  nextRunTime: instant(schedule.nextRunTime),
  nextScheduleTime: formatSessionTime(schedule.nextSessionTime, schedule.definition.timezone),
})

const disabledAt = (schedule: ScheduleRow) => schedule.disabledAt && instant(schedule.disabledAt)

export const presentSchedule = (schedule: ScheduleRow): Static<typeof Schedule> => ({
  ...head(schedule),
  disabledAt: disabledAt(schedule),
})

export const presentScheduleSummary = (schedule: ScheduleRow): Static<typeof ScheduleSummary> => ({
  ...head(schedule),
  createdAt: instant(schedule.createdAt),
  updatedAt: instant(schedule.updatedAt),
  disabledAt: disabledAt(schedule),
})
