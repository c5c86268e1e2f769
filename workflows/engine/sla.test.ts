import { expect, test } from 'vitest'
import { plan, play } from './testing/script.ts'

test('an attempt that is done in time runs no ^sla', async () => {
  const { ran, end } = await play(plan('+wf', ['+a', '+b']), {}, { lateWith: '+wf+never' })
  expect(ran).toEqual(['+wf+a', '+wf+b'])
  expect(end).toEqual({ state: 'success' })
})

test('a late attempt runs ^sla once, beside its tasks, and succeeds all the same', async () => {
  const { ran, end } = await play(plan('+wf', ['+a', '+b', '+c']), {}, { lateWith: '+wf+a' })
  expect(ran).toEqual(['+wf+a', '+wf^sla', '+wf+b', '+wf+c'])
  expect(end).toEqual({ state: 'success' })
})

test('an ^sla that fails fails the attempt, after its tasks have run, without a retry', async () => {
  const retry = { limit: 3, intervalSeconds: 0, growth: 'constant' } as const
  const script = { '+wf^sla': { fails: 'SLA violation' } }
  const { ran, end, states } = await play(plan('+wf', ['+a', '+b'], { retry }), script, {
    lateWith: '+wf+a',
  })
  expect(ran).toEqual(['+wf+a', '+wf^sla', '+wf+b', '+wf^failure-alert'])
  expect(states['+wf']).toBe('group_error')
  expect(end).toEqual({ state: 'error', failure: '+wf^sla: SLA violation' })
})

test('an attempt that gets late while its ^failure-alert runs is late as well', async () => {
  const script = { '+wf+a': { fails: 'broken' } }
  const { ran, states } = await play(plan('+wf', ['+a']), script, {
    lateWith: '+wf^failure-alert',
  })
  expect(ran).toEqual(['+wf+a', '+wf^failure-alert', '+wf^sla'])
  expect(states['+wf']).toBe('group_error')
})

test('a kill while ^sla runs cancels the attempt', async () => {
  const script = { '+wf^sla': { killed: true as const } }
  const { end, states } = await play(plan('+wf', ['+a']), script, { lateWith: '+wf+a' })
  expect(end.state).toBe('canceled')
  expect(states).toMatchObject({ '+wf': 'canceled', '+wf^sla': 'canceled' })
})
