import { expect, test } from 'vitest'
import { compile, placed } from '../testing.ts'

const task = '+t: {echo>: x}\n'

test('all that may be at the top', () => {
  const { workflows, problems } = compile(
    `timezone: Asia/Tokyo\nschedule: {daily>: 07:00:00}\nsla: {time: 08:00}\n_export: {a: 1}\n_error: {echo>: e}\n_retry: 2\n_parallel: true\n${task}`,
  )
  expect(problems).toEqual([])
  expect(workflows[0]).toMatchObject({
    timezone: 'Asia/Tokyo',
    root: { name: '+a', exports: { a: 1 }, retry: { limit: 2 }, children: [{ name: '+t' }] },
    schedule: { type: 'daily', timezone: 'Asia/Tokyo' },
    sla: { kind: 'time' },
  })
})

test.each([
  ['_exprot: {a: 1}', 'Did you mean "_export:"?'],
  ['_paralel: true', 'Did you mean "_parallel:"?'],
  ['_retyr: 3', 'Did you mean "_retry:"?'],
  ['shcedule: {daily>: 07:00:00}', 'Did you mean "schedule:"?'],
  ['timezon: UTC', 'Did you mean "timezone:"?'],
  ['task: {echo>: x}', 'write "+task:"'],
  ['echo>: x', 'write "+task:"'],
  ['_secrets: {a: b}', 'belongs into a task'],
  ['_env: {A: b}', 'belongs into a task'],
  ['_background: true', 'belongs into a task'],
  ['_disable: true', 'belongs into a task'],
  ['meta: {a: b}', '_export'],
])('%s is refused at the top with advice', (line, advice) => {
  const { problems } = compile(`${task}${line}\n`)
  expect(placed(problems)).toEqual(['UNKNOWN_KEY 2:1'])
  expect(problems[0]?.advice).toContain(advice)
  expect(problems[0]?.message).toContain("Workflow 'a' includes unknown keys: [")
})

test.each(['Asia/Tokio', '9', '[]', 'true'])('timezone: %s is refused', (zone) => {
  const { problems } = compile(`timezone: ${zone}\n${task}`)
  expect(placed(problems)).toEqual(['TIMEZONE 1:1'])
})

test.each(['UTC', '"+09:00"', 'Asia/Tokyo', ''])('timezone: %s is a zone', (zone) => {
  expect(compile(`timezone: ${zone}\n${task}`).problems).toEqual([])
})

test.each([
  ['JST', '"Asia/Tokyo"'],
  ['BST', '"Asia/Dhaka" or "Europe/London"'],
  ['IST', '"Asia/Kolkata" or "Europe/Dublin" or "Asia/Jerusalem"'],
])('timezone: %s is refused with the zone to write', (zone, advice) => {
  const { problems } = compile(`timezone: ${zone}\n${task}`)
  expect(problems[0]?.advice).toBe(`An abbreviation is no time zone: write ${advice}.`)
})

test.each([
  ['UTC+9', 'UTC+09:00'],
  ['GMT-0530', 'GMT-05:30'],
  ['"+9"', '+09:00'],
  ['UTC-0', 'UTC'],
  ['"+00:00"', 'Z'],
  ['Asia/Tokyo', 'Asia/Tokyo'],
])('timezone: %s is kept as %s', (written, kept) => {
  const options = { isTimezone: () => true }
  const { workflows } = compile(`timezone: ${written}\n${task}`, options)
  expect(workflows[0]?.timezone).toBe(kept)
})

test('a workflow without tasks is one', () => {
  expect(compile('_export: {a: 1}\n').problems).toEqual([])
})

test('_check at the top never runs, which is reported', () => {
  const { problems, warnings } = compile(`_check: {echo>: x}\n${task}`)
  expect(problems).toEqual([])
  expect(placed(warnings)).toEqual(['DIRECTIVE_IGNORED 1:1'])
})
