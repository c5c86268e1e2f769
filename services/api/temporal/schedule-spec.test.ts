import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  fireDelaySeconds,
  firstSchedule,
  nextSchedule,
  sessionTimeOfRun,
  temporalSpec,
} from '#workflows/calendar/index.ts'
import type { ScheduleDefinition } from '#workflows/dig/definition.ts'
import { createTestTemporal, eventually, type TestTemporal } from '../testing/temporal.ts'

let temporal: TestTemporal
beforeAll(async () => {
  temporal = await createTestTemporal()
})
afterAll(() => temporal.close())

const day = 86_400_000
const dateOf = (time: Date): string => time.toISOString().slice(0, 10)

/** As if it were this year, whenever this runs. */
const now = new Date('2036-01-01')

/** The days on which Berlin's clocks change in it. */
const changes: readonly Date[] = [new Date('2036-03-30'), new Date('2036-10-26')]

const schedule = (
  type: ScheduleDefinition['type'],
  command: string,
  start: string,
): ScheduleDefinition => ({
  type,
  command,
  timezone: 'Europe/Berlin',
  delaySeconds: 0,
  skipOnOvertime: false,
  start,
})

test.each([
  ['daily', '02:30:00'],
  ['daily', '30:00:00'],
  ['weekly', 'Sun,02:00:00'],
  ['monthly', 'L,02:30:00'],
  ['hourly', '15:00'],
  ['minutes_interval', '25'],
  ['cron', '0,30 1,2,3 * * *'],
  ['cron', '0 2 * * sun | 45 2 L * *'],
] as const)(
  '%s>: %s: Temporal fires for our sessions, when clocks change too',
  async (type, command) => {
    for (const change of changes) {
      const near = type === 'hourly' || type === 'minutes_interval' ? 0 : 2
      const asked = schedule(type, command, dateOf(new Date(change.getTime() - near * day)))
      const fired = await firesOf(asked)
      const last = fired.at(-1)!
      const ours: Date[] = []
      let next = firstSchedule(asked, now)
      while (next.runTime <= last) {
        ours.push(next.sessionTime)
        next = nextSchedule(asked, next.sessionTime)
      }
      // Of a time that comes twice Temporal fires twice; the second finds the session there.
      const theirs = new Set(fired.map((time) => sessionTimeOfRun(asked, time).getTime()))
      expect([...theirs]).toEqual(ours.map((time) => time.getTime()))
    }
  },
)

/** The next times at which a real Temporal server would fire. */
async function firesOf(asked: ScheduleDefinition): Promise<readonly Date[]> {
  const scheduleId = `spec-${Math.random().toString(36).slice(2)}`
  const handle = await temporal.client.schedule.create({
    scheduleId,
    spec: temporalSpec(asked, now),
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
  })
  try {
    return await eventually(async () => {
      const { info } = await handle.describe()
      if (info.nextActionTimes.length === 0) throw new Error('Not computed yet')
      const delay = fireDelaySeconds(asked) * 1000
      return info.nextActionTimes.map((time) => new Date(time.getTime() + delay))
    })
  } finally {
    await handle.delete()
  }
}
