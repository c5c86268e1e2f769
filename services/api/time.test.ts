import { expect, test } from 'vitest'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import { instant, readInstant, readTime, truncate } from './time.ts'

const tokyo = 'Asia/Tokyo'

test('times are shown as Digdag shows them', () => {
  const time = new Date('2026-11-24T11:50:58.470Z')
  expect(instant(time)).toBe('2026-11-24T11:50:58Z')
  expect(formatSessionTime(time, tokyo)).toBe('2026-11-24T20:50:58+09:00')
  expect(formatSessionTime(time, 'UTC')).toBe('2026-11-24T11:50:58+00:00')
})

test.each([
  ['2026-11-24T11:50:58.470439642Z', '2026-11-24T11:50:58Z'],
  ['2026-11-24T20:50:58+09:00', '2026-11-24T11:50:58Z'],
  ['2026-11-24T20:50:58 09:00', '2026-11-24T11:50:58Z'],
  ['2026-01-01T00:00', '2025-12-31T15:00:00Z'],
  ['2026-01-01 00:00:00', '2025-12-31T15:00:00Z'],
  ['2026-01-01', '2025-12-31T15:00:00Z'],
])('%s is read as %s in Tokyo', (text, expected) => {
  expect(instant(readTime('session_time', text, tokyo))).toBe(expected)
})

test.each(['', 'xx', '2026', '2026-13-01', '2026-02-30', '20260101', 'now'])(
  '"%s" is refused with an example of what is expected',
  (text) => {
    expect(() => readTime('session_time', text, tokyo)).toThrow(
      /session_time is not a time.*Expected/,
    )
  },
)

test('an instant must say its offset', () => {
  expect(instant(readInstant('schedule_from', '2026-11-20T00:00:00Z'))).toBe('2026-11-20T00:00:00Z')
  expect(() => readInstant('schedule_from', '2026-11-20T00:00:00')).toThrow('schedule_from')
})

test('a day begins at local midnight', () => {
  const time = new Date('2026-11-24T11:50:58Z')
  expect(formatSessionTime(truncate(time, 'day', tokyo), tokyo)).toBe('2026-11-24T00:00:00+09:00')
  expect(formatSessionTime(truncate(time, 'hour', tokyo), tokyo)).toBe('2026-11-24T20:00:00+09:00')
})
