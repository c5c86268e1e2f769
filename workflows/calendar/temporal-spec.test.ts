import { describe, expect, test } from 'vitest'
import { ScheduleNotPossibleError, temporalSpec } from './index.ts'
import { at, schedule } from './testing.ts'

const sunday = { dayOfWeek: ['SUNDAY'] }

test.each([
  ['daily', '05:00:00', [{ hour: [5], minute: [0], second: 0 }]],
  ['daily', '07:90:61', [{ hour: [8], minute: [31], second: 1 }]],
  ['hourly', '30:15', [{ hour: '*', minute: [30], second: 15 }]],
  ['hourly', '90:00', [{ hour: '*', minute: [30], second: 0 }]],
  ['weekly', 'Sat,25:00:00', [{ ...sunday, hour: [1], minute: [0], second: 0 }]],
  ['weekly', '7,09:00:00', [{ ...sunday, hour: [9], minute: [0], second: 0 }]],
  ['monthly', '1,09:00:00', [{ dayOfMonth: [1], hour: [9], minute: [0], second: 0 }]],
  ['minutes_interval', '25', [{ hour: '*', minute: [0, 25, 50] }]],
  ['cron', '42 4 1 * *', [{ dayOfMonth: [1], hour: [4], minute: [42] }]],
  [
    'cron',
    '0 4 * 2,3 mon | * 5 * * *',
    [
      { dayOfWeek: ['MONDAY'], month: ['FEBRUARY', 'MARCH'], hour: [4], minute: [0] },
      { hour: [5], minute: '*' },
    ],
  ],
] as const)('%s>: %s is told to Temporal', (type, command, calendars) => {
  const told = temporalSpec(schedule(type, command, { timezone: '+09:00' }))
  expect(told).toEqual({ calendars, timezone: 'Etc/GMT-9' })
})

test('seconds are an interval', () => {
  const told = temporalSpec(schedule('seconds_interval', '30', { delaySeconds: 40 }))
  expect(told).toEqual({ intervals: [{ every: 30_000, offset: 10_000 }], timezone: 'UTC' })
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

test('a run that clocks skip is told for the end of the gap, as long as it lies ahead', () => {
  const nightly = schedule('daily', '02:30:00', { timezone: 'Europe/Berlin' })
  const gap = {
    year: 2024,
    month: ['MARCH'],
    dayOfMonth: [31],
    hour: [3],
    minute: [0],
    second: 0,
  }
  expect(temporalSpec(nightly, at('2024-01-01T00:00Z')).calendars).toContainEqual(gap)
  expect(temporalSpec(nightly, at('2024-04-01T00:00Z')).calendars).not.toContainEqual(gap)
  const morning = schedule('daily', '07:00:00', { timezone: 'Europe/Berlin' })
  expect(temporalSpec(morning, at('2024-01-01T00:00Z')).calendars).toHaveLength(1)
})

test('start and end bound the times at which Temporal fires', () => {
  const bounded = schedule('cron', '0 4 * * *', {
    timezone: 'Asia/Tokyo',
    delaySeconds: 60,
    start: '2024-03-10',
    end: '2024-03-11',
  })
  expect(temporalSpec(bounded)).toMatchObject({
    startAt: at('2024-03-09T14:59:00Z'),
    endAt: at('2024-03-11T14:58:59.999Z'),
  })
})

test('an offset of half an hour is told as a zone that has it, where there is one', () => {
  expect(temporalSpec(schedule('daily', '05:00:00', { timezone: '+05:30' })).timezone).toBe(
    'Asia/Kolkata',
  )
  expect(() => temporalSpec(schedule('daily', '05:00:00', { timezone: '+05:15' }))).toThrow(
    ScheduleNotPossibleError,
  )
})
