import { expect, test } from 'vitest'
import type { Schedule } from '#store/types.ts'
import type { ScheduleDefinition } from '#workflows/dig/definition.ts'
import { expectedRuns } from './expected.ts'

const hourly: ScheduleDefinition = {
  type: 'hourly',
  command: '30:00',
  timezone: 'UTC',
  delaySeconds: 0,
  skipOnOvertime: false,
}
const daily: ScheduleDefinition = { ...hourly, type: 'daily', command: '05:00:00' }

const schedule = (
  workflowName: string,
  definition: ScheduleDefinition,
  session: string,
  run: string,
  more: Partial<Schedule> = {},
) =>
  ({
    workflowName,
    definition,
    nextSessionTime: new Date(session),
    nextRunTime: new Date(run),
    disabledAt: null,
    ...more,
  }) as Schedule

const now = new Date('2026-01-05T03:45:00Z')
const expected = (schedules: readonly Schedule[], hours: number, most = 100) => {
  const until = new Date(now.getTime() + hours * 3_600_000)
  const { runs, more } = expectedRuns(schedules, { now, until, most })
  const shown = runs.map(
    (run) => `${run.schedule.workflowName} ${run.runTime.toISOString().slice(8, 16)}`,
  )
  return { shown, more }
}

const often = schedule('often', hourly, '2026-01-05T04:00:00Z', '2026-01-05T04:30:00Z')
const once = schedule('once', daily, '2026-01-05T00:00:00Z', '2026-01-05T05:00:00Z')

test('runs of all schedules come in the order of time, up to the end of the hours', () => {
  expect(expected([once, often], 3)).toEqual({
    shown: ['often 05T04:30', 'once 05T05:00', 'often 05T05:30', 'often 05T06:30'],
    more: false,
  })
  expect(expected([once, often], 30).shown.filter((run) => run.startsWith('once'))).toEqual([
    'once 05T05:00',
    'once 06T05:00',
  ])
})

test('a list that is cut says that there are others', () => {
  expect(expected([once, often], 3, 4).more).toBe(false)
  expect(expected([once, often], 3, 3)).toEqual({
    shown: ['often 05T04:30', 'once 05T05:00', 'often 05T05:30'],
    more: true,
  })
})

test('what is disabled is not expected; of what is overdue, the one after it', () => {
  const disabled = schedule('off', hourly, '2026-01-05T04:00:00Z', '2026-01-05T04:30:00Z', {
    disabledAt: now,
  })
  const overdue = schedule('overdue', hourly, '2026-01-05T01:00:00Z', '2026-01-05T01:30:00Z')
  expect(expected([disabled, overdue], 1).shown).toEqual(['overdue 05T04:30'])
})

test('a schedule moved by hand runs when it says, and one that has ended never', () => {
  const moved = schedule('moved', daily, '2026-01-05T00:00:00Z', '2026-01-05T04:01:00Z')
  const ended = schedule(
    'ended',
    { ...daily, end: '2026-01-01' },
    '9999-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
  )
  expect(expected([moved, ended], 24).shown).toEqual(['moved 05T04:01'])
  expect(expected([], 24)).toEqual({ shown: [], more: false })
})
