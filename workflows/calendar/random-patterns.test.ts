import { expect, test } from 'vitest'
import { everMatches, parseCron } from '../dig/schedule/cron.ts'
import { firstSchedule, lastSessionTime, nextSchedule, temporalSpec } from './index.ts'
import { schedule } from './testing.ts'

/** Numbers that look random and are the same every time. */
function randomBy(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const words = [
  '*',
  '0',
  '5',
  '7',
  '12',
  '31',
  'L',
  '*/2',
  '*/7',
  '1-5',
  '20-3',
  '1,3',
  'mon',
  'feb',
  'x',
  '?',
]
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  '+09:00',
]

test.each([11, 22, 33])('any pattern that a push takes has sessions in order (seed %i)', (seed) => {
  const random = randomBy(seed)
  const wrong: string[] = []
  let taken = 0
  for (let round = 0; round < 300; round += 1) {
    const text = Array.from({ length: 5 }, () => words[random(words.length)]).join(' ')
    const parsed = parseCron(text)
    if (typeof parsed === 'string' || !parsed.some(everMatches)) continue
    taken += 1
    const timezone = zones[random(zones.length)] ?? 'UTC'
    const of = schedule('cron', text, { timezone, delaySeconds: random(2) * 90 })
    const now = new Date(Date.UTC(2026, random(24), 1, random(600)))
    const first = firstSchedule(of, now)
    const next = nextSchedule(of, first.sessionTime)
    const last = lastSessionTime(of, next.sessionTime)
    const { calendars = [], intervals = [] } = temporalSpec(of, now)
    const right =
      first.runTime >= now &&
      next.sessionTime > first.sessionTime &&
      last.getTime() === first.sessionTime.getTime() &&
      calendars.length + intervals.length > 0
    if (!right) wrong.push(`${text} in ${timezone} at ${now.toISOString()}`)
  }
  expect(wrong).toEqual([])
  expect(taken).toBeGreaterThan(10)
})
