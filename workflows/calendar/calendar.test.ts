import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import {
  countSessions,
  firstSchedule,
  formatSessionTime,
  isTimezone,
  lastSessionTime,
  nextSchedule,
  nextSessionTime,
  scheduleParams,
  sessionTimeOfRun,
  sessionVariables,
} from './index.ts'
import { at, schedule } from './testing.ts'
import { zoneOf } from './zone.ts'

// Facts: docs/language.md#built-in-variables, for a session at 2024-03-10 00:00 UTC.
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
})

test('start and end bound the runs', () => {
  const bounded = schedule('daily', '07:00:00', { start: '2024-03-10', end: '2024-03-11' })
  expect(firstSchedule(bounded, at('2024-01-01T00:00:00Z')).sessionTime).toEqual(
    at('2024-03-10T00:00:00Z'),
  )
  expect(firstSchedule(bounded, at('2024-03-11T08:00:00Z')).sessionTime.getUTCFullYear()).toBe(9999)
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
  // As a JDK's ZoneId.of takes and refuses them.
  const right = ['Asia/Tokyo', 'UTC', 'UT', 'Z', 'GMT0', '+09:00', '-0530', '+9', '+09', '-18']
  const prefixed = ['UTC+9', 'GMT+9', 'UT+9', 'UTC+09:00', 'GMT-05:30', 'GMT+0900', 'UTC+0']
  expect([...right, ...prefixed].filter((zone) => !isTimezone(zone))).toEqual([])
  const wrong = [
    ...['Mars/Phobos', 'Tokyo', '', '+25:00', '+09:75', 'asia/tokyo', 'z', 'utc', '+18:01', '+19'],
    ...['+9:00', '+090', 'UTC+', 'UTC9', 'UTC+18:30', 'UTC+5:30', 'JST', 'PST', 'EST', 'HST'],
  ]
  expect(wrong.filter(isTimezone)).toEqual([])
  expect(formatSessionTime(at('2024-03-09T15:00:00Z'), '+09:00')).toBe('2024-03-10T00:00:00+09:00')
})

test('a session time is shown as the platform knows its zone, in every zone and century', () => {
  const random = createRandom(chosenSeed())
  for (const zone of ['UTC', 'Asia/Tokyo', 'Europe/Amsterdam', 'America/St_Johns', '-05:30', 'Z']) {
    for (let count = 0; count < 200; count += 1) {
      const time = new Date(random.whole(Date.UTC(1000, 0, 2), Date.UTC(9998, 11, 30)))
      const shown = DateTime.fromJSDate(time, { zone: zoneOf(zone) }).toFormat(
        "yyyy-MM-dd'T'HH:mm:ssZZ",
      )
      expect(formatSessionTime(time, zone), `seed ${random.seed}, ${zone}`).toBe(shown)
    }
  }
})

test.each([
  ['31,09:00:00', ['01-31', '03-31', '05-31', '07-31']],
  ['L,09:00:00', ['01-31', '02-29', '03-31', '04-30']],
  ['15-16,09:00:00', ['01-15', '01-16', '02-15', '02-16']],
])('monthly>: %s is on these days', (command, expected) => {
  let time = at('2024-01-01T00:00:00Z')
  const days = expected.map(() => {
    time = nextSessionTime(schedule('monthly', command), time)
    return time.toISOString().slice(5, 10)
  })
  expect(days).toEqual(expected)
})

test.each(['0', '7', 'Sun', 'SUN', 'sun'])('weekly>: %s is Sunday', (day) => {
  const weekly = schedule('weekly', `${day},09:00:00`, { timezone: 'Asia/Tokyo' })
  const first = firstSchedule(weekly, at('2024-03-08T00:00:00Z'))
  expect(first).toEqual({ sessionTime: at('2024-03-09T15:00Z'), runTime: at('2024-03-10T00:00Z') })
})

test('minutes that do not divide an hour begin anew with it', () => {
  const every = schedule('minutes_interval', '25')
  expect(nextSessionTime(every, at('2024-03-10T00:50:00Z'))).toEqual(at('2024-03-10T01:00:00Z'))
  expect(lastSessionTime(every, at('2024-03-10T01:00:00Z'))).toEqual(at('2024-03-10T00:50:00Z'))
})

test('patterns joined by "|" come in turn', () => {
  const both = schedule('cron', '0 4 * * * | 30 5 * * *')
  expect(nextSessionTime(both, at('2024-03-10T04:00:00Z'))).toEqual(at('2024-03-10T05:30:00Z'))
  expect(lastSessionTime(both, at('2024-03-10T05:30:00Z'))).toEqual(at('2024-03-10T04:00:00Z'))
})

test('a time with a fraction of a second counts for the first run', () => {
  const hourly = schedule('hourly', '30:00')
  const first = firstSchedule(hourly, at('2024-03-10T00:30:00.001Z'))
  expect(first.sessionTime).toEqual(at('2024-03-10T01:00:00Z'))
})

test('the next session that an attempt knows respects start and end, the last one does not', () => {
  const bounded = schedule('daily', '07:00:00', { start: '2026-03-05', end: '2026-03-08' })
  const around = (session: string) =>
    Object.values(scheduleParams({ schedule: bounded, timezone: 'UTC' }, at(session)))
  expect(around('2026-03-01T00:00:00Z')).toEqual([
    '2026-02-28T00:00:00+00:00',
    '2026-03-05T00:00:00+00:00',
  ])
  expect(around('2026-03-08T00:00:00Z')).toEqual([
    '2026-03-07T00:00:00+00:00',
    '9999-01-01T00:00:00+00:00',
  ])
})

test('sessions are counted from one of them on and before a time, unless they are too many', () => {
  const from = at('2024-03-10T00:00:00Z')
  const until = at('2024-03-17T00:00:00Z')
  expect(countSessions(schedule('daily', '07:00:00'), { from, until })).toBe(7)
  expect(countSessions(schedule('hourly', '30:00'), { from, until })).toBe(168)
  expect(countSessions(schedule('daily', '07:00:00'), { from, until: from })).toBe(0)
  expect(countSessions(schedule('seconds_interval', '45'), { from, until })).toBeNull()
})
