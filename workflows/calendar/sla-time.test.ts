import { expect, test } from 'vitest'
import { slaTime } from './sla-time.ts'

const at = (kind: 'time' | 'duration', text: string, zone: string, runTime: string): string => {
  const [hours = 0, minutes = 0, rest = 0] = text.split(':').map(Number)
  const seconds = (hours * 60 + minutes) * 60 + rest
  const sla = { kind, seconds, alert: true, fail: false, tasks: {} } as const
  return slaTime(sla, zone, new Date(runTime)).toISOString()
}

test('a duration counts from the run time', () => {
  expect(at('duration', '02:00', 'Asia/Tokyo', '2026-03-05T00:30:00Z')).toBe(
    '2026-03-05T02:30:00.000Z',
  )
})

test('a time is the next such time on the wall, at the run time itself too', () => {
  const tokyo = (runTime: string): string => at('time', '08:00', 'Asia/Tokyo', runTime)
  expect(tokyo('2026-03-04T22:00:00Z')).toBe('2026-03-04T23:00:00.000Z')
  expect(tokyo('2026-03-04T23:00:00Z')).toBe('2026-03-04T23:00:00.000Z')
  expect(tokyo('2026-03-04T23:00:01Z')).toBe('2026-03-05T23:00:00.000Z')
})

test('24 hours and more mean a later day', () => {
  expect(at('time', '25:00', 'UTC', '2026-03-05T12:00:00Z')).toBe('2026-03-06T01:00:00.000Z')
})

test('a time keeps to the wall when clocks change, and one that is skipped comes right after', () => {
  const newYork = (text: string, runTime: string): string =>
    at('time', text, 'America/New_York', runTime)
  // Clocks go forward at 2:00 on 8 March 2026.
  expect(newYork('08:00', '2026-03-07T14:00:00Z')).toBe('2026-03-08T12:00:00.000Z')
  expect(newYork('02:30', '2026-03-08T05:30:00Z')).toBe('2026-03-08T07:00:00.000Z')
  // 1:30 comes twice on 1 November 2026: the first counts.
  expect(newYork('01:30', '2026-11-01T04:30:00Z')).toBe('2026-11-01T05:30:00.000Z')
})
