import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { storeOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator])
})
afterAll(() => stage.close())

const play = (dig: string) => stage.play({ 'case.dig': dig })

const messageOf = async (dig: string) => {
  const played = await play(dig)
  expect(played.end.state).toBe('error')
  return played.task('+case+a').error
}

describe('loop>', () => {
  test('runs its body with i', async () => {
    const played = await play('+a:\n  loop>: 3\n  _do: {echo>: "i=${i}"}')
    expect(played.states).toEqual([
      '+case success',
      '+case+a success',
      '+case+a^sub success',
      '+case+a^sub+loop-0 success',
      '+case+a^sub+loop-1 success',
      '+case+a^sub+loop-2 success',
    ])
    const second = played.task('+case+a^sub+loop-1')
    expect(second.config).toEqual({ 'echo>': 'i=${i}', _export: { i: 1 } })
    expect(second.upstreams).toEqual([played.task('+case+a^sub+loop-0').id])
    expect(await played.output('+case+a^sub+loop-2')).toBe('i=2\n')
  })

  test('0 generates nothing, a word is refused', async () => {
    expect((await play('+a:\n  loop>: 0\n  _do: {echo>: x}')).states).toEqual([
      '+case success',
      '+case+a success',
    ])
    expect(await messageOf('+a:\n  loop>: many\n  _do: {echo>: x}')).toEqual({
      message: 'Expected integer (int) type for key \'_command\' but got "many" (string) (config)',
    })
    expect(await messageOf('+a:\n  loop>: 1000000000\n  _do: {echo>: x}')).toEqual({
      message: 'Too many loop subtasks (1000000000). Limit: 50000 (config)',
    })
  })

  test('loops within loops see both variables', async () => {
    const played = await play(
      '+a:\n  loop>: 2\n  _do:\n    _export: {j: "${i}"}\n    +b:\n      loop>: 2\n      _do: {echo>: "${j}${i}"}',
    )
    expect(await played.output('+case+a^sub+loop-1+b^sub+loop-0')).toBe('10\n'.replace('1', '0'))
  })
})

describe('for_each>', () => {
  const names = async (dig: string) => {
    const played = await play(dig)
    expect(played.end.state).toBe('success')
    return played.tasks
      .filter(({ fullName }) => fullName.startsWith('+case+a^sub+'))
      .map(({ name }) => name)
  }

  test('runs its body for each combination, the first list outermost', async () => {
    const dig = '+a:\n  for_each>: {f: [apple, "or ange"], n: [1, 2]}\n  _do: {echo>: "${f} ${n}"}'
    expect(await names(dig)).toEqual([
      '+for-0=f=0=apple&1=n=0=1',
      '+for-0=f=0=apple&1=n=1=2',
      '+for-0=f=1=or%20ange&1=n=0=1',
      '+for-0=f=1=or%20ange&1=n=1=2',
    ])
    const played = await play(dig)
    expect(await played.output('+case+a^sub+for-0=f=1=or%20ange&1=n=1=2')).toBe('or ange 2\n')
  })

  test('takes lists as JSON text, of any values', async () => {
    const dig =
      '_export: {l: [{k: 1}, {k: 2}]}\n+a:\n  for_each>: {o: "${l}"}\n  _do: {echo>: "${o.k}"}'
    expect(await names(dig)).toEqual([
      '+for-0=o=0=%7B%22k%22%3A1%7D',
      '+for-0=o=1=%7B%22k%22%3A2%7D',
    ])
  })

  test('encodes what a name may not hold, and cuts it after eight characters', async () => {
    expect(
      await names('+a:\n  for_each>: {x: ["a/b*c~d\'", "日本", abcdefghij]}\n  _do: {echo>: 1}'),
    ).toEqual([
      '+for-0=x=0=a%2Fb%2Ac%7Ed%27',
      '+for-0=x=1=%E6%97%A5%E6%9C%AC',
      '+for-0=x=2=abcdefgh',
    ])
  })

  test('passes over an empty list at the front, and makes nothing of one at the end', async () => {
    expect(await names('+a:\n  for_each>: {x: []}\n  _do: {echo>: 1}')).toEqual([])
    expect(await names('+a:\n  for_each>: {x: [], y: [1]}\n  _do: {echo>: 1}')).toEqual([
      '+for-1=y=0=1',
    ])
    expect(await names('+a:\n  for_each>: {x: [1], y: []}\n  _do: {echo>: 1}')).toEqual([])
  })

  test('in parallel none waits for another', async () => {
    const played = await play(
      '+a:\n  for_each>: {x: [1, 2, 3]}\n  _parallel: true\n  _do: {echo>: "${x}"}',
    )
    expect(played.task('+case+a^sub').config).toEqual({ _parallel: true })
    expect(played.tasks.at(-1)?.upstreams).toEqual([])
  })

  test('refuses what is no list', async () => {
    expect(await messageOf('+a:\n  for_each>: {x: abc}\n  _do: {echo>: "${x}"}')).toEqual({
      message: 'Expected array type for key \'x\' but got "abc" (string) (config)',
    })
    expect(await messageOf('+a: {for_each>: {x: [1]}}')).toEqual({
      message: "Parameter '_do' is required but not set (config)",
    })
  })

  test('thousands of subtasks are walked in branches', async () => {
    const played = await play(
      '+a:\n  for_each>: {x: "${Array.from({length: 600}, function(_, i){ return i })}"}\n  _parallel: true\n  _do: {store>: {last: "${x}"}}\n+b: {echo>: "${last}"}',
    )
    expect(played.end.state).toBe('success')
    expect(played.tasks.filter(({ state }) => state === 'success')).toHaveLength(604)
    expect(await played.output('+case+b')).toBe('599\n')
  }, 120_000)
})

describe('for_range>', () => {
  test('cuts by step', async () => {
    const played = await play(
      '+a:\n  for_range>: {from: 10, to: 25, step: 10}\n  _do: {echo>: "${range.from} ${range.to} ${range.index}"}',
    )
    expect(played.task('+case+a^sub+range-from=20&to=25').exports).toEqual({
      range: { from: 20, to: 25, index: 1 },
    })
    expect(await played.output('+case+a^sub+range-from=10&to=20')).toBe('10 20 0\n')
  })

  test('cuts by slices', async () => {
    const played = await play(
      '+a:\n  for_range>: {from: 0, to: "10", slices: 3}\n  _do: {echo>: x}',
    )
    expect(played.tasks.slice(3).map(({ name }) => name)).toEqual([
      '+range-from=0&to=4',
      '+range-from=4&to=8',
      '+range-from=8&to=10',
    ])
  })

  test.each([
    ['{from: 0, to: 1}', 'step or slices option is required for for_range'],
    [
      '{from: 0, to: 1, step: 1, slices: 1}',
      'Setting both step and slices options to for_range is invalid',
    ],
    ['{from: 0, to: 1, step: 0}', 'step option must be same or greater than 1 but got 0'],
    ['{to: 1, step: 1}', "Parameter 'from' is required but not set"],
  ])('refuses %s', async (range, message) => {
    expect(await messageOf(`+a:\n  for_range>: ${range}\n  _do: {echo>: x}`)).toEqual({
      message: `${message} (config)`,
    })
  })
})
