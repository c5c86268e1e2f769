import { describe, expect, test } from 'vitest'
import { compare } from './compare.ts'
import type { Expected } from './conformance-case.ts'
import { byName, expectation, type Observation } from './observation.ts'

const expected: Expected = {
  what: 'a case',
  origin: 'specification',
  rule: { section: '1.1', topic: 'YAML' },
  push: { status: 200, error: null },
  start: { sessionTime: '2026-03-05T00:00:00+00:00', status: 200, error: null },
  attempt: { status: 'error' },
  tasks: [
    { fullName: '+case', state: 'group_error' },
    { fullName: '+case+a', state: 'error', errorWords: 'not set' },
    { fullName: '+case+a', state: 'error', error: { message: 'no' } },
  ],
  logs: { '+case+a': ['a'] },
  next: [
    {
      what: 'again',
      start: { sessionTime: '2026-03-05T00:00:00+00:00', status: 400, error: 'nothing to resume' },
    },
  ],
  differs: [
    { what: 'words', reason: 'clearer', ours: { '/tasks/+case+a#2/error': { message: 'No.' } } },
  ],
}

const observed = (): Observation => ({
  push: { status: 200, error: null },
  attempts: [
    {
      start: { status: 200, error: null },
      attempt: { status: 'error', done: true },
      tasks: byName([
        { fullName: '+case', state: 'group_error', error: {} },
        { fullName: '+case+a', state: 'error', error: { message: "Parameter 'x' is not set" } },
        { fullName: '+case+a', state: 'error', error: { message: 'No.' } },
      ]),
      logs: { '+case+a': ['a'] },
    },
    { start: { status: 400, error: 'There is nothing to resume in attempt 1' } },
  ],
})

describe('a comparison', () => {
  test('finds nothing where all is as expected of Suiro', () => {
    expect(compare(expectation(expected, 'suiro'), observed())).toEqual([])
  })

  test('holds a Digdag server to what was recorded of it', () => {
    expect(compare(expectation(expected, 'digdag'), observed())).toEqual([
      { at: 'tasks/+case+a#2/error', expected: { message: 'no' }, actual: { message: 'No.' } },
    ])
  })

  test.each([
    ['attempt/status', (seen: Mutable) => (seen.attempts[0].attempt.status = 'success')],
    [
      'tasks/+case+a/state',
      (seen: Mutable) => (seen.attempts[0].tasks['+case+a']!.state = 'success'),
    ],
    [
      'tasks/+case+a/error/message',
      (seen: Mutable) => (seen.attempts[0].tasks['+case+a']!.error = {}),
    ],
    ['tasks/+case+a#2', (seen: Mutable) => delete seen.attempts[0].tasks['+case+a#2']],
    [
      'tasks/+case+b',
      (seen: Mutable) => (seen.attempts[0].tasks['+case+b'] = { state: 'success', error: {} }),
    ],
    ['logs/+case+a', (seen: Mutable) => (seen.attempts[0].logs['+case+a'] = ['b'])],
    ['logs/+case+b', (seen: Mutable) => (seen.attempts[0].logs['+case+b'] = ['b'])],
    ['next/0/start/error', (seen: Mutable) => (seen.attempts[1].start.error = 'no')],
    ['push/status', (seen: Mutable) => (seen.push.status = 400)],
  ])('reports %s', (at, change) => {
    const seen = observed()
    change(seen as unknown as Mutable)
    expect(compare(expectation(expected, 'suiro'), seen).map((each) => each.at)).toEqual([at])
  })
})

interface Mutable {
  push: { status: number }
  attempts: [
    {
      attempt: { status: string }
      tasks: Record<string, { state: string; error: object }>
      logs: Record<string, string[]>
    },
    { start: { error: string } },
  ]
}
