import { describe, expect, test } from 'vitest'
import { firstSchedule, lastSessionTime, nextSessionTime, sessionTimeOfRun } from './index.ts'
import { instantOf, wallOf } from './wall-clock.ts'
import { at, schedule } from './testing.ts'

const berlin = { timezone: 'Europe/Berlin' }
const newYork = { timezone: 'America/New_York' }
const tokyo = { timezone: 'Asia/Tokyo' }
const apia = { timezone: 'Pacific/Apia' }

/** The session times after `from`, to the minute. */
function sessions(of: ReturnType<typeof schedule>, from: string, count: number): readonly string[] {
  let time = at(from)
  return Array.from({ length: count }, () => {
    time = nextSessionTime(of, time)
    return time.toISOString().slice(0, 16)
  })
}

describe('a time of day that clocks skip', () => {
  // Berlin left out 02:00 to 03:00 on 2024-03-31, at 01:00 UTC; New York on 2024-03-10, at 07:00 UTC.
  test.each([
    ['daily', '02:30:00', berlin, '2024-03-30T23:00Z', '2024-03-31T01:00Z'],
    ['daily', '03:00:00', berlin, '2024-03-30T23:00Z', '2024-03-31T01:00Z'],
    ['daily', '07:00:00', berlin, '2024-03-30T23:00Z', '2024-03-31T05:00Z'],
    ['daily', '26:30:00', berlin, '2024-03-29T23:00Z', '2024-03-31T01:00Z'],
    ['daily', '30:00:00', berlin, '2024-03-29T23:00Z', '2024-03-31T04:00Z'],
    ['daily', '02:30:00', newYork, '2024-03-10T05:00Z', '2024-03-10T07:00Z'],
    ['weekly', 'Sun,02:30:00', newYork, '2024-03-10T05:00Z', '2024-03-10T07:00Z'],
    ['monthly', '31,02:30:00', berlin, '2024-03-30T23:00Z', '2024-03-31T01:00Z'],
    ['daily', '02:30:00', tokyo, '2024-03-30T15:00Z', '2024-03-30T17:30Z'],
    // Samoa left out the whole of 2011-12-30, at 10:00 UTC.
    ['daily', '07:00:00', apia, '2011-12-29T10:00Z', '2011-12-29T17:00Z'],
    ['daily', '30:00:00', apia, '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
    ['daily', '07:00:00', apia, '2011-12-30T10:00Z', '2011-12-30T17:00Z'],
  ] as const)(
    '%s>: %s runs at the next instant there is (%o)',
    (type, command, zone, session, run) => {
      const found = firstSchedule(schedule(type, command, zone), at(run))
      expect(found).toEqual({ sessionTime: at(session), runTime: at(run) })
      expect(sessionTimeOfRun(schedule(type, command, zone), at(run))).toEqual(at(session))
    },
  )

  test.each([
    ['30 2 * * *', ['2024-03-31T01:00', '2024-04-01T00:30']],
    ['0,30 2 * * *', ['2024-03-31T01:00', '2024-04-01T00:00']],
    ['30 2,3 * * *', ['2024-03-31T01:00', '2024-03-31T01:30']],
    ['*/30 2 * * sun', ['2024-03-31T01:00', '2024-04-07T00:00']],
  ])('cron>: %s has one session there', (command, expected) => {
    expect(sessions(schedule('cron', command, berlin), '2024-03-30T12:00Z', 2)).toEqual(expected)
  })
})

describe('a time of day that comes twice', () => {
  // Berlin had 02:00 to 03:00 twice on 2024-10-27, from 00:00 and from 01:00 UTC.
  test.each([
    ['daily', '02:30:00', berlin, '2024-10-26T22:00Z', '2024-10-27T00:30Z'],
    ['daily', '03:00:00', berlin, '2024-10-26T22:00Z', '2024-10-27T02:00Z'],
    ['daily', '01:30:00', newYork, '2024-11-03T04:00Z', '2024-11-03T05:30Z'],
  ] as const)('%s>: %s runs the first time (%o)', (type, command, zone, session, run) => {
    const found = firstSchedule(schedule(type, command, zone), at(run))
    expect(found).toEqual({ sessionTime: at(session), runTime: at(run) })
  })

  test.each([
    ['0,30 2 * * *', ['2024-10-27T00:00', '2024-10-27T00:30', '2024-10-28T01:00']],
    ['0 1,2,3 * * *', ['2024-10-27T00:00', '2024-10-27T02:00', '2024-10-28T00:00']],
  ])('cron>: %s has its sessions once', (command, expected) => {
    expect(sessions(schedule('cron', command, berlin), '2024-10-26T23:30Z', 3)).toEqual(expected)
  })
})

describe('every hour', () => {
  test.each([
    ['hourly', '10:00', '2024-10-26T23:30Z', ['00:00', '01:00', '02:00', '03:00']],
    ['hourly', '10:00', '2024-03-30T23:30Z', ['00:00', '01:00', '02:00', '03:00']],
    ['minutes_interval', '30', '2024-10-26T23:45Z', ['00:00', '00:30', '01:00', '01:30']],
    ['minutes_interval', '25', '2024-03-31T00:20Z', ['00:25', '00:50', '01:00', '01:25']],
    ['cron', '15 * * * *', '2024-10-26T23:30Z', ['00:15', '01:15', '02:15', '03:15']],
  ] as const)(
    '%s>: %s comes once an hour of real time, from %s',
    (type, command, from, expected) => {
      const found = sessions(schedule(type, command, berlin), from, 4)
      expect(found.map((text) => text.slice(11))).toEqual(expected)
    },
  )
})

test('a day without midnight begins when it begins', () => {
  // Brazil put its clocks forward at midnight of 2018-11-04.
  const daily = schedule('daily', '07:00:00', { timezone: 'America/Sao_Paulo' })
  const first = firstSchedule(daily, at('2018-11-03T12:00Z'))
  expect(first).toEqual({ sessionTime: at('2018-11-04T03:00Z'), runTime: at('2018-11-04T09:00Z') })
})

test('walls and instants belong together all year round', () => {
  for (const timezone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', '+05:45']) {
    for (let hour = 0; hour < 366 * 24; hour += 5) {
      const time = new Date(Date.UTC(2024, 0, 1, hour))
      const again = instantOf(wallOf(time, timezone), timezone)
      // The second of two equal times is led to the first.
      const hourLater = new Date(again.getTime() + 3_600_000)
      const halfLater = new Date(again.getTime() + 1_800_000)
      expect([again, hourLater, halfLater]).toContainEqual(time)
    }
  }
})

test.each([
  ['cron', '0,30 2 * * *'],
  ['cron', '*/7 1-3 * * *'],
  ['cron', '0 0 L * *'],
  ['cron', '0 4 * * mon | 30 5 1 * *'],
  ['daily', '02:30:00'],
  ['weekly', 'sat-sun,02:30:00'],
  ['monthly', '31,30:00:00'],
  ['minutes_interval', '45'],
] as const)('%s>: %s: next and last leave nothing out', (type, command) => {
  for (const timezone of ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Pacific/Apia']) {
    const of = schedule(type, command, { timezone })
    for (let step = 0; step < 120; step += 1) {
      const time = new Date(Date.UTC(2010, 0, 1) + step * 97 * 3_600_000 * 5)
      const next = nextSessionTime(of, time)
      const last = lastSessionTime(of, time)
      expect(next > time && last < time).toBe(true)
      expect(lastSessionTime(of, next) <= time).toBe(true)
      expect(nextSessionTime(of, last) >= time).toBe(true)
    }
  }
})
