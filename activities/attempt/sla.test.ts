import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

/** Late at once: the walk is notified before its first task has ended. */
const late = (options: string, tasks = '+a: {wait>: 1s}\n+b: {echo>: b}') =>
  stage.play({ 'case.dig': `sla:\n  duration: 00:00:00\n${options}\n${tasks}` })

test('a late attempt alerts, which changes nothing of its outcome', async () => {
  const played = await late('')
  const { end, states } = played
  expect(end.state).toBe('success')
  expect(states).toEqual([
    '+case success',
    '+case+a success',
    '+case+b success',
    '+case^sla success',
    '+case^sla^alert success',
  ])
  expect(played.task('+case^sla').parentId).toBe(played.task('+case').id)
  expect(await played.log('+case^sla^alert')).toContain('SLA violation')
})

test('fail: true fails the attempt, and its own tasks run nevertheless', async () => {
  const played = await late(
    '  alert: false\n  fail: true\n  +notice: {echo>: "late: ${session_date}"}\n  +more: {echo>: more}',
  )
  expect(played.end).toEqual({ state: 'error', failure: '+case^sla^fail: SLA violation' })
  expect(played.states).toEqual([
    '+case group_error',
    '+case+a success',
    '+case+b success',
    '+case^sla group_error',
    '+case^sla^fail error',
    '+case^sla+notice success',
    '+case^sla+more success',
    '+case^failure-alert success',
  ])
  expect(await played.output('+case^sla+notice')).toBe('late: 2026-03-05\n')
})

test('an attempt done in time has no ^sla', async () => {
  const { states } = await stage.play({ 'case.dig': 'sla: {duration: "02:00"}\n+a: {echo>: a}' })
  expect(states).toEqual(['+case success', '+case+a success'])
})

test('exports of the workflow reach the tasks of ^sla', async () => {
  const played = await late('  +n: {echo>: "${x}"}', '_export: {x: 7}\n+a: {wait>: 1s}')
  expect(await played.output('+case^sla+n')).toBe('7\n')
})
