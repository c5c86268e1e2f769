import { describe, expect, test } from 'vitest'
import { ScheduleNotPossibleError, temporalSpec } from './index.ts'
import { at, schedule } from './testing.ts'

const sunday = { dayOfWeek: ['SUNDAY'] }

test.each([
  ['daily', '05:00:00', [{ hour: [5], minute: [0], second: 0 }]],
  ['daily', '07:90:61', [{ hour: [8], minute: [31], second: 1 }]],
  ['weekly', 'Sat,25:00:00', [{ ...sunday, hour: [1], minute: [0], second: 0 }]],
  ['weekly', '7,09:00:00', [{ ...sunday, hour: [9], minute: [0], second: 0 }]],
  ['monthly', '1,09:00:00', [{ dayOfMonth: [1], hour: [9], minute: [0], second: 0 }]],
  ['cron', '42 4 1 * *', [{ dayOfMonth: [1], hour: [4], minute: [42] }]],
  [
    'cron',
    '0 4 * 2,3 mon | * 5 * * * | 0 * * * *',
    [
      { dayOfWeek: ['MONDAY'], month: ['FEBRUARY', 'MARCH'], hour: [4], minute: [0] },
      { hour: [5], minute: '*' },
      { hour: '*', minute: [0] },
    ],
  ],
] as const)('%s>: %s is passed to Temporal', (type, command, calendars) => {
  const spec = temporalSpec(schedule(type, command, { timezone: '+09:00' }))
  expect(spec).toEqual({ calendars, timezone: 'Etc/GMT-9' })
})

const minute = 60_000
test.each([
  ['seconds_interval', '30', 'UTC', [{ every: 30_000 }]],
  ['hourly', '30:15', '+09:00', [{ every: 60 * minute, offset: 30 * minute + 15_000 }]],
  ['hourly', '90:00', 'Europe/Berlin', [{ every: 60 * minute, offset: 30 * minute }]],
  ['hourly', '10:00', '+05:30', [{ every: 60 * minute, offset: 40 * minute }]],
  ['minutes_interval', '10', 'Europe/Berlin', [{ every: 10 * minute }]],
  [
    'minutes_interval',
    '25',
    'UTC',
    [
      { every: 60 * minute },
      { every: 60 * minute, offset: 25 * minute },
      { every: 60 * minute, offset: 50 * minute },
    ],
  ],
  ['cron', '5-59/10 * * * *', 'UTC', [{ every: 10 * minute, offset: 5 * minute }]],
  ['cron', '* * * * *', 'Asia/Kolkata', [{ every: minute }]],
] as const)('%s>: %s in %s goes on by real time', (type, command, timezone, intervals) => {
  expect(temporalSpec(schedule(type, command, { timezone })).intervals).toEqual(intervals)
})

test('the delay of seconds is passed with them', () => {
  const spec = temporalSpec(schedule('seconds_interval', '30', { delaySeconds: 40 }))
  expect(spec).toEqual({ intervals: [{ every: 30_000, offset: 10_000 }], timezone: 'UTC' })
})

describe('days that not every month has', () => {
  const time = { hour: [6], minute: [0], second: 0 }
  const leap = [{ start: 2024, end: 2096, step: 4 }]
  const common = [2025, 2026, 2027].map((start) => ({ start, end: 2099, step: 4 }))

  test('monthly>: 31,30:00:00 runs on the first of the months after those with 31 days', () => {
    const { calendars = [] } = temporalSpec(schedule('monthly', '31,30:00:00'))
    expect(calendars).toHaveLength(7)
    expect(calendars[0]).toEqual({ month: ['FEBRUARY'], dayOfMonth: [1], ...time })
  })

  test('monthly>: L,06:00:00 knows leap years', () => {
    const { calendars = [] } = temporalSpec(schedule('monthly', 'L,06:00:00'))
    expect(calendars.filter(({ month }) => month?.[0] === 'FEBRUARY')).toEqual([
      { month: ['FEBRUARY'], dayOfMonth: [29], year: leap, ...time },
      { month: ['FEBRUARY'], dayOfMonth: [28], year: common, ...time },
    ])
  })
})

describe('around a change of clocks our own times are passed one by one', () => {
  const berlin = { timezone: 'Europe/Berlin' }
  const once = (text: string) => ({ every: at(text).getTime() })

  test.each([
    ['daily', '02:30:00', '2024-02-01T00:00Z', ['2024-03-31T01:00Z', '2024-10-27T00:30Z']],
    ['daily', '07:00:00', '2024-02-01T00:00Z', []],
    ['cron', '0,30 2 * * *', '2024-06-01T00:00Z', ['2024-10-27T00:00Z', '2024-10-27T00:30Z']],
    ['cron', '15 * * * sun', '2024-10-01T00:00Z', ['2024-10-27T00:15Z', '2024-10-27T01:15Z']],
  ] as const)('%s>: %s from %s', (type, command, now, expected) => {
    const { intervals = [] } = temporalSpec(schedule(type, command, berlin), at(now))
    const soon = intervals.filter(({ every }) => every < at('2025-01-01T00:00Z').getTime())
    expect(soon).toEqual(expected.map(once))
  })
})

test('start and end bound the times at which Temporal fires', () => {
  const bounded = schedule('cron', '0 4 * * *', {
    timezone: 'Asia/Tokyo',
    delaySeconds: 60,
    start: '2024-03-10',
    end: '2024-03-11',
  })
  expect(temporalSpec(bounded)).toMatchObject({
    startAt: at('2024-03-09T19:00:00Z'),
    endAt: at('2024-03-11T14:58:59.999Z'),
  })
})

test('an offset of half an hour is passed as a zone that has it, where there is one', () => {
  expect(temporalSpec(schedule('daily', '05:00:00', { timezone: '+05:30' })).timezone).toBe(
    'Asia/Kolkata',
  )
  expect(() => temporalSpec(schedule('daily', '05:00:00', { timezone: '+05:15' }))).toThrow(
    ScheduleNotPossibleError,
  )
})
