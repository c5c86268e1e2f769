import moment from 'moment-timezone'
import { expect, test } from 'vitest'
import { isTimezone } from '#workflows/calendar/index.ts'
import { zoneOf } from '#workflows/calendar/zone.ts'
import { abbreviatedZones } from '#workflows/domain/time-zone.ts'
import { readLibraries } from './libraries.ts'
import { timezoneOffset } from './zone.ts'

const offsets = ['Z', 'UT', '+9', '-0330', '+05:45', 'UTC+9', 'GMT-05:30', 'UT+01:00', '+18:00']
/** All names that the zone's three readers know: Node's own, moment's, and those that are none of a list. */
const names = new Set([
  ...Intl.supportedValuesOf('timeZone'),
  ...moment.tz.names(),
  ...abbreviatedZones.keys(),
  ...offsets,
])
const instants = [
  '2001-01-01',
  '2001-07-01',
  '2024-01-01',
  '2024-07-01',
  '2026-01-01',
  '2026-07-01',
]

test('a zone that a push takes is the same in the calendar and in expressions', () => {
  const libraries = readLibraries()
  const taken = [...names].filter(isTimezone)
  expect(taken.length).toBeGreaterThan(590)
  const differing = taken.filter((name) => {
    if (libraries.oneZone(name) === undefined) return true
    return instants.some((text) => {
      const instant = Date.parse(text)
      return zoneOf(name).offset(instant) !== -timezoneOffset(name, instant)
    })
  })
  expect(differing).toEqual([])
})

test('abbreviations are taken by none, and those of older pushes are the same in both', () => {
  expect([...abbreviatedZones.keys()].filter(isTimezone)).toEqual([])
  const differing = [...abbreviatedZones].filter(([name, [zone = '']]) =>
    instants.some((text) => {
      const instant = Date.parse(text)
      const shown = zoneOf(name).offset(instant)
      return shown !== zoneOf(zone).offset(instant) || shown !== -timezoneOffset(name, instant)
    }),
  )
  expect(differing).toEqual([])
  expect([...abbreviatedZones.values()].flat().filter((zone) => !isTimezone(zone))).toEqual([])
})
