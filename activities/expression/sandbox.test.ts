import { afterAll, describe, expect, test } from 'vitest'
import { createExpressions } from './evaluate.ts'
import { createSandbox, type SandboxCaller } from './sandbox.ts'

const sandbox = createSandbox({ milliseconds: 3_000 })
const expressions = createExpressions(sandbox)
afterAll(() => sandbox.close())

const render = (text: string, caller: SandboxCaller = {}) =>
  expressions.text(text, { params: {}, timezone: 'UTC', ...caller })

/** What became of each, in the order in which they ended. */
function inOrder() {
  const ended: string[] = []
  return {
    ended,
    note: async (name: string, running: Promise<string>): Promise<void> => {
      const answer = await running.catch((error: Error) => error.message)
      ended.push(`${name}: ${/took longer than [\d.]+ seconds/.exec(answer)?.[0] ?? answer}`)
    },
  }
}

const endless = '${(function () { for (;;); })()}'

describe('a hostile expression', () => {
  test('is passed by those of other attempts, and of its own', async () => {
    // So long that it still runs however busy the machine is.
    const patient = createSandbox({ milliseconds: 600_000 })
    const evaluate = createExpressions(patient)
    const text = (code: string, owner: string) =>
      evaluate.text(code, { params: {}, timezone: 'UTC', owner })
    const { ended, note } = inOrder()
    const hostile = [1, 2].map((i) => note(`hostile ${i}`, text(endless, 'h')))
    expect(await text('${1 + 1}', 'h')).toBe('2')
    expect(await text('${2 + 2}', 'g')).toBe('4')
    expect(ended).toEqual([])
    const waiting = [3, 4, 5].map((i) => note(`waiting ${i}`, text(endless, 'h')))
    await patient.close()
    await Promise.all([...hostile, ...waiting])
    expect(ended).toHaveLength(5)
    await expect(text('${1}', 'late')).rejects.toThrow('The sandbox is closed')
  })

  test('costs its attempt time, so that hundreds of them are soon done with', async () => {
    const { ended, note } = inOrder()
    const hostile = Array.from({ length: 30 }, (_, i) =>
      note(`hostile ${i}`, render(endless, { owner: 'many' })),
    )
    await note('good', render('${3 + 3}', { owner: 'good' }))
    expect(ended).toEqual(['good: 6'])
    await Promise.all(hostile)
    const soon = ended.filter((end) => end.includes('took longer than 0.02 seconds'))
    expect(soon.length).toBeGreaterThan(10)
    expect(await render('${4 + 4}', { owner: 'many' })).toBe('8')
  })

  test('that still waits when its task is called off is not run', async () => {
    const { ended, note } = inOrder()
    const killed = new AbortController()
    const running = Array.from({ length: 3 }, (_, i) =>
      note(`running ${i}`, render(endless, { owner: 'killed' })),
    )
    const waiting = render(endless, { owner: 'killed', signal: killed.signal })
    killed.abort(new Error('called off'))
    await expect(waiting).rejects.toThrow('called off')
    expect(ended).toEqual([])
    await expect(render('${1}', { signal: AbortSignal.abort(new Error('off')) })).rejects.toThrow(
      'off',
    )
    await Promise.all(running)
  })
})

test('owners take turns', async () => {
  const { ended, note } = inOrder()
  const one = Array.from({ length: 200 }, () => note('one', render('${1}', { owner: 'one' })))
  const two = note('two', render('${2}', { owner: 'two' }))
  await Promise.all([...one, two])
  expect(ended.slice(0, 10)).toContain('two: 2')
})
