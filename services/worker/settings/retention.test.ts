import { expect, test } from 'vitest'
import { defaultRetention, forever } from '#store/retention/policy.ts'
import { createEnvReader } from '#services/shared/settings/env.ts'
import { readRetention } from './retention.ts'

function read(text: string) {
  const reader = createEnvReader({ SUIRO_RETENTION: text })
  return { policy: readRetention(reader), mistakes: reader.mistakes }
}

test('what is not said stays as it is by default, and a project takes what all keep', () => {
  const { policy, mistakes } = read(
    '{"logs": 90, "usages": "forever", "projects": {"payments": {"logs": 700}}}',
  )
  expect(mistakes).toEqual([])
  expect(policy.default).toEqual({ ...defaultRetention.default, logs: 90, usages: forever })
  expect(policy.projects).toEqual({ payments: { ...policy.default, logs: 700 } })
  expect(read('').policy).toEqual(defaultRetention)
})

test('every mistake is reported, with its place', () => {
  expect(read('90 days').mistakes).toEqual([
    expect.stringMatching(/^SUIRO_RETENTION: it must be a JSON object such as \{/),
  ])
  const { mistakes } = read(
    '{"log": 3, "tasks": 0, "archives": "long", "projects": {"shops": 3, "payments": {"logs": 1.5}}}',
  )
  expect(mistakes).toEqual([
    'SUIRO_RETENTION: "log" is not known; what is kept is logs, tasks, attempts, usages, archives',
    'SUIRO_RETENTION: "tasks" must be a whole number of days or "forever", but is 0',
    'SUIRO_RETENTION: "archives" must be a whole number of days or "forever", but is "long"',
    expect.stringMatching(/what project shops keeps must be an object/),
    'SUIRO_RETENTION: "logs" of project payments must be a whole number of days or "forever", but is 1.5',
  ])
})

test('nothing is kept longer than what it belongs to', () => {
  expect(read('{"logs": 500, "tasks": 100}').mistakes).toEqual([
    'SUIRO_RETENTION: logs would be kept for 500 days and tasks for 100 days, but logs belong to tasks: keep tasks at least as long',
  ])
  expect(read('{"attempts": 900}').mistakes).toEqual([
    'SUIRO_RETENTION: usages would be kept for ever and attempts for 900 days, but usages belong to attempts: keep attempts at least as long',
  ])
})
