import { expect, test } from 'vitest'
import { compile, placed } from './testing.ts'

const sla = (text: string) => compile(`sla: ${text}\n+t: {echo>: x}\n`)

test.each([
  ['{time: 08:00}', { kind: 'time', seconds: 28_800, alert: true, fail: false, tasks: {} }],
  ['{time: 8:00:30}', { kind: 'time', seconds: 28_830 }],
  ['{time: 26:00}', { kind: 'time', seconds: 93_600 }],
  ['{duration: 02:00}', { kind: 'duration', seconds: 7_200 }],
  ['{duration: "00:00:05", alert: false, fail: true}', { seconds: 5, alert: false, fail: true }],
  ['{duration: "00:10", fail: "true"}', { seconds: 600, fail: true }],
  [
    '{time: 08:00, +notice: {echo>: late}, _parallel: true}',
    { tasks: { '+notice': { 'echo>': 'late' }, _parallel: true } },
  ],
])('sla: %s is read', (text, expected) => {
  const { workflows, problems, warnings } = sla(text)
  expect([...problems, ...warnings]).toEqual([])
  expect(workflows[0]?.sla).toMatchObject(expected)
  expect(workflows[0]?.config).toHaveProperty('sla')
})

test.each([
  ['{fail: true}', 'SLA 1:6'],
  ['{time: 08:00, duration: 02:00}', 'SLA 1:20'],
  ['{time: 8}', 'SLA 1:7'],
  ['{time: "08:00:00:00"}', 'SLA 1:7'],
  ['{time: "-1:00"}', 'SLA 1:7'],
  ['{duration: 2h}', 'SLA 1:7'],
  ['{time: 08:00, alert: maybe}', 'SLA 1:20'],
  ['{time: 08:00, fail: "${x}"}', 'SLA 1:20'],
  ['{time: 08:00, fial: true}', 'SLA 1:20'],
  ['{time: 08:00, echo>: late}', 'SLA 1:20'],
  ['{time: 08:00, +notice: {echo>: a, sh>: b}}', 'TWO_OPERATORS 1:40'],
  ['{time: 08:00, +no tice: {echo>: a}}', 'TASK_NAME 1:20'],
  ['08:00', 'SLA 1:1'],
  ['[time]', 'SLA 1:1'],
])('sla: %s is refused with advice', (text, expected) => {
  const { problems } = sla(text)
  expect(placed(problems)).toEqual([expected])
  expect(problems[0]?.advice).toMatch(/\w/)
})

test("Digdag's words are kept", () => {
  expect(sla('{fail: true}').problems[0]?.message).toBe(
    "SLA must be specified using either the 'time' or 'duration' option",
  )
})
