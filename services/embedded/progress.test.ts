import { expect, test } from 'vitest'
import { canDraw, runSteps } from './progress.ts'

test.each([
  [{ isTTY: true, columns: 120 }, {}, true],
  [{ isTTY: true, columns: 120 }, { CI: 'false' }, true],
  [{ isTTY: true, columns: 120 }, { CI: '1' }, false],
  [{ isTTY: true, columns: 120 }, { TERM: 'dumb' }, false],
  [{ isTTY: true, columns: 59 }, {}, false],
  [{}, {}, false],
])('on %j with %j a list is drawn: %j', (terminal, env, draws) => {
  expect(canDraw(terminal, env)).toBe(draws)
})

test('in lines, each event is said once, and what failed is answered when all have ended', async () => {
  const lines: string[] = []
  const failure = new Error('no room')
  const failed = await runSteps(
    [
      {
        title: 'A',
        run: async (say) => {
          for (const text of ['creating', 'starting', 'starting']) say(text)
          await Promise.resolve()
          throw failure
        },
      },
      { title: 'B', run: () => Promise.resolve('B: there') },
    ],
    { draws: false, print: (line) => lines.push(line) },
  )
  expect(failed).toEqual([failure])
  expect(lines.toSorted()).toEqual(['A: creating', 'A: failed', 'A: starting', 'B: there'])
})
