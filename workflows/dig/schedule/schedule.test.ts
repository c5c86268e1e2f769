import { describe, expect, test } from 'vitest'
import { compile } from '../testing.ts'

const schedule = (text: string) => compile(`schedule: ${text}\n+t: {echo>: x}\n`)

test('options are read', () => {
  const { workflows, problems } = schedule(
    '{cron>: "42 4 1 * *", delay: 30, skip_delayed_by: 1h, skip_on_overtime: true, start: 2026-04-01, end: "2026-05-01"}',
  )
  expect(problems).toEqual([])
  expect(workflows[0]?.schedule).toEqual({
    type: 'cron',
    command: '42 4 1 * *',
    timezone: 'UTC',
    delaySeconds: 30,
    skipOnOvertime: true,
    skipDelayedBySeconds: 3600,
    start: '2026-04-01',
    end: '2026-05-01',
  })
})

test.each([
  ['{hourly>: 30:00}', 'hourly', '30:00'],
  ['{daily>: 7:00:00}', 'daily', '7:00:00'],
  ['{daily>: 30:00:00}', 'daily', '30:00:00'],
  ['{weekly>: "Sun,09:00:00"}', 'weekly', 'Sun,09:00:00'],
  ['{weekly>: "mon-fri, 09:00:00"}', 'weekly', 'mon-fri, 09:00:00'],
  ['{weekly>: "7,09:00:00"}', 'weekly', '7,09:00:00'],
  ['{monthly>: "31,09:00:00"}', 'monthly', '31,09:00:00'],
  ['{monthly>: "L,09:00:00"}', 'monthly', 'L,09:00:00'],
  ['{minutes_interval>: 30}', 'minutes_interval', '30'],
  ['{seconds_interval>: 45}', 'seconds_interval', '45'],
  ['{cron>: "0 4 * * * | 30 5 1 * *"}', 'cron', '0 4 * * * | 30 5 1 * *'],
  ['{_type: daily, _command: 07:00:00}', 'daily', '07:00:00'],
  ['{_type: daily, at: 07:00:00}', 'daily', '07:00:00'],
])('%s is a schedule', (text, type, command) => {
  const { workflows, problems, warnings } = schedule(text)
  expect([...problems, ...warnings]).toEqual([])
  expect(workflows[0]?.schedule).toMatchObject({ type, command })
})

test.each([
  '{daily>: "07:00"}',
  '{daily>: 25:99}',
  '{daily>: ""}',
  '{hourly>: "30:00:00"}',
  '{weekly>: "Sunday,09:00:00"}',
  '{weekly>: "8,09:00:00"}',
  '{weekly>: "09:00:00"}',
  '{monthly>: "32,09:00:00"}',
  '{monthly>: "0,09:00:00"}',
  '{minutes_interval>: 0}',
  '{minutes_interval>: -5}',
  '{seconds_interval>: 1.5}',
  '{cron>: "* * *"}',
  '{cron>: "0 0 31 2 *"}',
  '{cron>: "@daily"}',
  '{dayly>: "07:00:00"}',
  '{yearly>: 1}',
  '{start: 2026-03-01}',
  '{daily>: "07:00:00", hourly>: "30:00"}',
  '{daily>: "07:00:00", start: 2026-02-30}',
  '{daily>: "07:00:00", start: 2026-3-1}',
  '{daily>: "07:00:00", start: 2026-03-02, end: 2026-03-01}',
  '{daily>: "07:00:00", skip_delayed_by: 5}',
  '{daily>: "07:00:00", skip_on_overtme: true}',
  '{daily>: "07:00:00", skip_on_overtime: yes}',
  '{daily>: "07:00:00", delay: 5}',
  '{cron>: "0 0 * * *", delay: soon}',
  '{cron>: "0 0 * * *", delay: -5}',
  'false',
  '[daily]',
  '""',
])('%s is refused with advice', (text) => {
  const { problems } = schedule(text)
  expect(problems.map(({ code, place }) => [code, place?.line])).toEqual([['SCHEDULE', 1]])
  expect(problems[0]?.advice).toMatch(/\w/)
})

test("refusals are in Digdag's words", () => {
  const said = (text: string) => schedule(text).problems[0]?.message
  expect(said('{daily>: 25:99}')).toBe('daily> scheduler requires hh:mm:ss format: 25:99')
  expect(said('{hourly>: 01:00:00}')).toBe('hourly>: scheduler requires mm:ss format: 01:00:00')
  expect(said('{weekly>: 09:00:00}')).toBe(
    'weekly>: scheduler requires day,hh:mm:ss format: 09:00:00',
  )
  expect(said('{yearly>: 1}')).toBe('Unknown scheduler type: yearly')
  expect(said('{daily>: 07:00:00, skip_on_overtme: true}')).toBe(
    "Parameter 'skip_on_overtme' is not used at schedule. > Did you mean '[skip_on_overtime]'?",
  )
  expect(said('{daily>: 07:00:00, start: 2026-03-02, end: 2026-03-01}')).toBe(
    'The schedule of end is earlier than start',
  )
})

describe('what cron4j reads otherwise than cron is reported', () => {
  test.each([
    ['{minutes_interval>: 25}', 'begins anew every hour'],
    ['{minutes_interval>: 90}', 'begins anew every hour'],
    ['{cron>: "0 0 13 * fri"}', 'must both match'],
    ['{cron>: "0 0 * * 0-7"}', 'Sunday alone'],
    ['{cron>: "5/10 * * * *"}', 'means 5 alone'],
  ])('%s', (text, message) => {
    const { problems, warnings } = schedule(text)
    expect(problems).toEqual([])
    expect(warnings[0]?.message).toContain(message)
    expect(warnings[0]?.advice).toMatch(/\w/)
  })
})
