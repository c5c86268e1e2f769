import { describe, expect, test } from 'vitest'
import type { ScheduleDefinition } from '../dig/definition.ts'
import {
  firstSchedule,
  formatSessionTime,
  isTimezone,
  lastSessionTime,
  nextSchedule,
  nextSessionTime,
  sessionTimeOfRun,
  sessionVariables,
  temporalSpec,
} from './index.ts'

const schedule = (
  type: ScheduleDefinition['type'],
  command: string,
  more: Partial<ScheduleDefinition> = {},
): ScheduleDefinition => ({
  type,
  command,
  timezone: 'UTC',
  delaySeconds: 0,
  skipOnOvertime: false,
  ...more,
})
const at = (text: string): Date => new Date(text)

// Facts: DIGDAG-SPEC 2.4, for a session at 2024-03-10 00:00 UTC.
test.each([
  ['daily', '07:00:00', '2024-03-09T00:00:00Z', '2024-03-11T00:00:00Z'],
  ['hourly', '30:00', '2024-03-09T23:00:00Z', '2024-03-10T01:00:00Z'],
  ['weekly', 'Sun,09:00:00', '2024-03-03T00:00:00Z', '2024-03-17T00:00:00Z'],
  ['monthly', '1,09:00:00', '2024-03-01T00:00:00Z', '2024-04-01T00:00:00Z'],
  ['minutes_interval', '30', '2024-03-09T23:30:00Z', '2024-03-10T00:30:00Z'],
  ['cron', '0 */4 * * *', '2024-03-09T20:00:00Z', '2024-03-10T04:00:00Z'],
  ['seconds_interval', '45', '2024-03-09T23:59:15Z', '2024-03-10T00:00:45Z'],
] as const)('%s>: %s has these sessions around midnight', (type, command, last, next) => {
  const session = at('2024-03-10T00:00:00Z')
  expect(lastSessionTime(schedule(type, command), session)).toEqual(at(last))
  expect(nextSessionTime(schedule(type, command), session)).toEqual(at(next))
})

test('first goes by run time, next by session time', () => {
  const daily = schedule('daily', '05:00:00', { timezone: 'Asia/Tokyo' })
  const session = '2001-01-04T15:00:00Z'
  const before = firstSchedule(daily, at('2001-01-04T19:59:59Z'))
  expect(before).toEqual({ sessionTime: at(session), runTime: at('2001-01-04T20:00:00Z') })
  expect(firstSchedule(daily, at('2001-01-04T20:00:00Z')).sessionTime).toEqual(at(session))
  expect(firstSchedule(daily, at('2001-01-04T20:00:01Z')).sessionTime).toEqual(
    at('2001-01-05T15:00:00Z'),
  )
  expect(nextSchedule(daily, at(session)).sessionTime).toEqual(at('2001-01-05T15:00:00Z'))
})

test('a time of 30:00:00 is six in the morning of the next day', () => {
  const late = schedule('daily', '30:00:00')
  const first = firstSchedule(late, at('2024-03-10T05:00:00Z'))
  expect(first.sessionTime).toEqual(at('2024-03-09T00:00:00Z'))
  expect(first.runTime).toEqual(at('2024-03-10T06:00:00Z'))
  expect(sessionTimeOfRun(late, at('2024-03-10T06:00:00Z'))).toEqual(at('2024-03-09T00:00:00Z'))
  expect(temporalSpec(late).calendars).toEqual([{ hour: 6, minute: 0, second: 0 }])
})

test('start and end bound the runs', () => {
  const bounded = schedule('daily', '07:00:00', { start: '2024-03-10', end: '2024-03-11' })
  expect(firstSchedule(bounded, at('2024-01-01T00:00:00Z')).sessionTime).toEqual(
    at('2024-03-10T00:00:00Z'),
  )
  expect(firstSchedule(bounded, at('2024-03-11T08:00:00Z')).sessionTime.getUTCFullYear()).toBe(9999)
})

describe('when clocks change', () => {
  test.each([
    // New York 2024-03-10: 02:00 to 03:00 does not exist.
    ['America/New_York', '07:00:00', '2024-03-10T05:00:00Z', '2024-03-10T11:00:00Z'],
    ['America/New_York', '02:30:00', '2024-03-10T05:00:00Z', '2024-03-10T07:00:00Z'],
    // New York 2024-11-03: 01:00 to 02:00 comes twice.
    ['America/New_York', '01:30:00', '2024-11-03T04:00:00Z', '2024-11-03T05:30:00Z'],
    ['Europe/Berlin', '02:30:00', '2024-03-30T23:00:00Z', '2024-03-31T01:00:00Z'],
  ])('%s daily>: %s runs by the clock on the wall', (timezone, command, session, run) => {
    const daily = schedule('daily', command, { timezone })
    const first = firstSchedule(daily, at(session))
    expect(first).toEqual({ sessionTime: at(session), runTime: at(run) })
    expect(sessionTimeOfRun(daily, at(run))).toEqual(at(session))
  })

  test('hourly sessions come once an hour of real time', () => {
    const hourly = schedule('hourly', '00:00', { timezone: 'America/New_York' })
    let time = at('2024-11-03T03:30:00Z')
    const hours = Array.from({ length: 5 }, () => {
      time = nextSessionTime(hourly, time)
      return time.toISOString().slice(11, 16)
    })
    expect(hours).toEqual(['04:00', '05:00', '06:00', '07:00', '08:00'])
  })
})

test('the session of a run asked for by hand is the latest whose time has come', () => {
  const daily = schedule('daily', '05:00:00', { timezone: 'Asia/Tokyo' })
  expect(sessionTimeOfRun(daily, at('2001-01-05T03:00:00Z'))).toEqual(at('2001-01-04T15:00:00Z'))
  expect(sessionTimeOfRun(daily, at('2001-01-05T19:00:00Z'))).toEqual(at('2001-01-04T15:00:00Z'))
})

test("session variables are Digdag's", () => {
  const variables = sessionVariables(at('2024-03-09T15:00:00Z'), 'Asia/Tokyo', 'session_')
  expect(variables).toEqual({
    session_time: '2024-03-10T00:00:00+09:00',
    session_date: '2024-03-10',
    session_date_compact: '20240310',
    session_local_time: '2024-03-10 00:00:00',
    session_tz_offset: '+0900',
    session_unixtime: 1709996400,
  })
  expect(sessionVariables(undefined, 'Asia/Tokyo', 'x_')).toMatchObject({
    x_time: '',
    x_tz_offset: '+0900',
    x_unixtime: '',
  })
})

test('zones are IANA names or offsets', () => {
  expect(['Asia/Tokyo', 'UTC', '+09:00', '-0530'].every(isTimezone)).toBe(true)
  expect(['Mars/Phobos', 'Tokyo', '+9', ''].some(isTimezone)).toBe(false)
  expect(formatSessionTime(at('2024-03-09T15:00:00Z'), '+09:00')).toBe('2024-03-10T00:00:00+09:00')
})

test.each([
  ['daily', '05:00:00', { calendars: [{ hour: 5, minute: 0, second: 0 }] }],
  ['hourly', '30:15', { calendars: [{ hour: '*', minute: 30, second: 15 }] }],
  [
    'weekly',
    'Sat,25:00:00',
    { calendars: [{ hour: 1, minute: 0, second: 0, dayOfWeek: 'SUNDAY' }] },
  ],
  ['monthly', '1,09:00:00', { calendars: [{ hour: 9, minute: 0, second: 0, dayOfMonth: 1 }] }],
  ['minutes_interval', '10', { cronExpressions: ['*/10 * * * *'] }],
  ['cron', '42 4 1 * *', { cronExpressions: ['42 4 1 * *'] }],
  ['seconds_interval', '30', { intervals: [{ every: 30_000 }] }],
] as const)('%s>: %s is told to Temporal', (type, command, spec) => {
  const told = temporalSpec(schedule(type, command, { timezone: '+09:00' }))
  expect(told).toEqual({ ...spec, timezone: 'Etc/GMT-9' })
})
