import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorContext } from '../testing/operator-context.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { createParamSet } from './shared-params.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const play = (dig: string) => stage.play({ 'case.dig': dig })

describe('param_set> and param_get>', () => {
  test('keep texts from one attempt to the next', async () => {
    const set = await play(
      '_export: {n: 7}\n+a:\n  param_set>:\n  day: ${session_date}\n  number: 12\n  rendered: "n=${n}"\n  yes: true\n  nothing: null\n  _retry: 1\n',
    )
    expect(set.states).toEqual(['+case success', '+case+a success'])
    expect(set.task('+case+a').stored).toEqual({})
    expect(await set.log('+case+a')).not.toContain('is not used')
    const got = await play(
      '+a:\n  param_get>:\n  day: d\n  number: n\n  rendered: r\n  yes: y\n  nothing: x\n  never: z\n+b: {echo>: "${d} ${n + 1} ${r} ${y} [${x}] [${z}]"}\n',
    )
    expect(got.task('+case+a').stored).toEqual({
      ...{ d: '2026-03-05', n: '12', r: 'n=7', y: 'true', x: '', z: '' },
    })
    // They are texts: 1 is put behind 12.
    expect(await got.output('+case+b')).toBe('2026-03-05 121 n=7 true [] []\n')
  })

  test('read what is at the task itself only', async () => {
    const played = await play('_export: {exported: 1}\n+a:\n  param_set>:\n')
    expect(played.task('+case+a').error).toEqual({
      message:
        'no key is set. Write names beside param_set>, for example last_day: "${session_date}" (config)',
    })
    const get = await play('+a:\n  param_get>: day\n')
    expect(get.task('+case+a').error).toEqual({
      message: 'no key is set. Write names beside param_get>, for example last_day: day (config)',
    })
  })

  test('refuse what is no text, and set nothing then', async () => {
    const played = await play('+a:\n  param_set>:\n  before: 1\n  list: [1, 2]\n')
    expect(played.task('+case+a').error).toEqual({
      message: "Expected string type for key 'list' but got [1,2] (array) (config)",
    })
    const operator = createParamSet(stage.store.sharedParams)
    await expect(operator.run(operatorContext(operator, { broken: 'a\0b' }))).rejects.toThrow(
      "The value of 'broken' holds a NUL character",
    )
    const got = await play('+a:\n  param_get>:\n  before: b\n')
    expect(got.task('+case+a').stored).toEqual({ b: '' })
  })
})
