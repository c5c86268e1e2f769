import { expect, onTestFinished, test } from 'vitest'
import { npmStart } from './testing/npm-start.ts'

const escape = '\u001b'

/** Lines up, and lines erased: what a list that is drawn anew consists of. */
const redraws = new RegExp(`${escape}\\[\\d*[AFKJ]`)

test.each([
  ['a narrow one: a line for each event', 40, {}, false],
  ['a wide one: a list that is drawn anew', 120, {}, true],
  ['a dumb one: a line for each event', 120, { TERM: 'dumb' }, false],
] as const)(
  'in a terminal, %s, and Ctrl-C ends all',
  { timeout: 240_000 },
  async (_, columns, env, draws) => {
    const start = await npmStart({ GOOGLE_CLOUD_PROJECT: 'suiro-test', ...env }, columns)
    onTestFinished(start.clear)
    await start.says('Press Ctrl-C to stop.')
    expect(redraws.test(start.said())).toBe(draws)
    start.type('\u0003')
    await start.ended
    expect(await start.remains()).toEqual([])
    expect(start.said()).toContain('PostgreSQL stopped')
    // It comes from the terminal, npm and bootstrap.mjs, and is one all the same.
    expect(start.said()).not.toContain('Ending everything at once')
  },
)
