import { expect } from 'vitest'
import type { Stack } from '#harness/stack/stack.ts'
import type { Said } from './shell.ts'

/** What docs/analyst.md promises of a block of commands, beside the answers that it shows. */
export interface Promised {
  readonly name: string
  /** Of each answer. */
  readonly statuses: readonly number[]
  readonly check?: (said: readonly Said[], stack: Stack) => void | Promise<void>
}

const text = (said: readonly Said[], index: number): string => {
  const one = said[index]
  if (one === undefined) throw new Error(`There is no answer ${index}`)
  return one.text
}
const json = (said: readonly Said[], index: number): unknown => JSON.parse(text(said, index))

/** In the order of the page. */
export const promises: readonly Promised[] = [
  {
    name: 'a project is pushed',
    statuses: [200],
    check: (said) => expect(json(said, 0)).toMatchObject({ name: 'practice', warnings: [] }),
  },
  {
    name: 'it runs and fails, and its log goes on until then',
    statuses: [200, 200],
    async check(said, { api }) {
      expect(json(said, 0)).toMatchObject({ id: '2' })
      expect(text(said, 1)).toContain('7 orders on 2001-01-05')
      expect(await api.attempt('2')).toMatchObject({ status: 'error' })
    },
  },
  { name: 'the overview says what failed', statuses: [200] },
  {
    name: 'it is found by its session, and by its status',
    statuses: [200, 200],
    check: (said) => expect(json(said, 0)).toEqual(json(said, 1)),
  },
  {
    name: 'its log is read by task, from the end, and from the place of a word on',
    statuses: [200, 200, 200],
    async check(said, { api }) {
      expect(text(said, 0)).not.toContain('7 orders')
      expect(text(said, 1).trimEnd().split('\n')).toHaveLength(5)
      const [, place = ''] = /(task_id=\d+&offset=\d+) /.exec(text(said, 2)) ?? []
      const asked = Object.fromEntries(new URLSearchParams(place))
      expect(await api.logText('2', asked)).toMatch(/^> 2 \| {3}puntual/)
    },
  },
  { name: 'a session does not run twice', statuses: [409] },
  {
    name: 'what failed is resumed, and mended then',
    statuses: [200, 200, 200],
    async check(said, { api }) {
      expect(json(said, 1)).toMatchObject({ id: '3', reason: 'retry' })
      expect(text(said, 2)).not.toContain('+daily+orders')
      expect(text(said, 2)).toContain('the report of 2001-01-05 is ready')
      expect(await api.attempt('3')).toMatchObject({ status: 'success' })
      const overview = await api.request('GET', '/api/overview')
      expect(overview.body).toMatchObject({ counts: { failed: 0, mended: 1 } })
    },
  },
  {
    name: 'all of it is run anew',
    statuses: [200, 200],
    check(said) {
      expect(json(said, 0)).toMatchObject({ id: '4', reason: 'retry' })
      expect(text(said, 1)).toContain('7 orders on 2001-01-05')
    },
  },
  {
    name: 'another date is run',
    statuses: [200, 200],
    async check(said, { api }) {
      expect(json(said, 0)).toMatchObject({ id: '5', reason: 'start' })
      expect(text(said, 1)).toContain('the report of 2001-01-06 is ready')
      expect(await api.attempt('5')).toMatchObject({ status: 'success' })
    },
  },
  {
    name: 'a schedule is paused, says by whom, and is enabled again',
    statuses: [200, 200, 200],
    check: (said) => expect(json(said, 2)).toMatchObject({ id: '3', disabledAt: null }),
  },
  {
    name: 'sessions of the past are made up for, one after the other',
    statuses: [200, 200, 200],
    async check(said, { api }) {
      expect(json(said, 0)).toEqual({ skippedSessions: [] })
      expect(json(said, 1)).toMatchObject({
        attempts: [
          { id: '6', reason: 'backfill', sessionTime: '2001-01-07T00:00:00+09:00' },
          { id: '7', reason: 'backfill', sessionTime: '2001-01-08T00:00:00+09:00' },
        ],
      })
      expect(text(said, 2)).toContain('the report of 2001-01-08 is ready')
      expect(await api.attempt('6')).toMatchObject({ status: 'success' })
    },
  },
  { name: 'an attempt is stopped', statuses: [200, 200, 200, 200] },
  {
    name: 'the project goes with its schedule, and what ran stays',
    statuses: [200],
    async check(said, { api }) {
      expect(json(said, 0)).toMatchObject({ name: 'practice' })
      const { body } = await api.request('GET', '/api/schedules')
      expect(JSON.stringify(body)).not.toContain('practice')
      expect(await api.attempt('2')).toMatchObject({ status: 'error' })
    },
  },
]
