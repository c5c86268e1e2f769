import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Resume } from '#store/types.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { broken, brokenOperator, storeOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator, brokenOperator])
})
afterAll(() => stage.close())

const play = (dig: string, resume?: Resume) =>
  stage.play({ 'case.dig': dig }, resume === undefined ? {} : { resume })

describe('resume', () => {
  const dig = `
+first: {store>: {one: 1}}
+second:
  for_each>: {x: [a, b, c]}
  _do: {broken>: "\${x}"}
+third: {echo>: "\${one} \${a} \${b} \${c}"}`

  test('of what failed takes over every task that succeeded, generated ones too', async () => {
    broken.add('b')
    const failed = await play(dig)
    broken.clear()
    expect(failed.end.state).toBe('error')

    const resumed = await play(dig, { mode: 'failed', attemptId: failed.attempt.id })
    expect(resumed.end).toEqual({ state: 'success' })
    const taken = resumed.tasks.filter((task) => task.resumed).map((task) => task.fullName)
    expect(taken).toEqual(['+case+first', '+case+second^sub+for-0=x=0=a'])
    expect(await resumed.output('+case+third')).toBe('1 1 1 1\n')
    expect(await resumed.log('+case+first')).toBe('')
  })

  test('shows a task that is taken over as it ran, although the revision has changed', async () => {
    broken.add('b')
    const failed = await play('+a: {echo>: first}\n+b: {broken>: b}')
    broken.clear()
    const resumed = await play('+a: {echo>: second}\n+b: {broken>: c}', {
      mode: 'failed',
      attemptId: failed.attempt.id,
    })
    expect(resumed.task('+case+a').config).toEqual({ 'echo>': 'first' })
    expect(resumed.task('+case+b').config).toEqual({ 'broken>': 'c' })
  })

  test('of what failed keeps what a finished operator generated', async () => {
    broken.add('z')
    const failed = await play(`${dig}\n+fourth: {broken>: z}\n+last: {echo>: "\${one}\${c}"}`)
    broken.clear()
    const resume: Resume = { mode: 'failed', attemptId: failed.attempt.id }
    const resumed = await play(
      `${dig}\n+fourth: {broken>: z}\n+last: {echo>: "\${one}\${c}"}`,
      resume,
    )
    expect(resumed.end).toEqual({ state: 'success' })
    expect(resumed.tasks.filter((task) => !task.resumed).map((task) => task.fullName)).toEqual([
      '+case',
      '+case+fourth',
      '+case+last',
    ])
    expect(await resumed.output('+case+last')).toBe('11\n')
    // And once more, from an attempt that had taken tasks over itself.
    const again = await play(`${dig}\n+fourth: {broken>: z}\n+last: {echo>: "\${one}\${c}"}`, {
      mode: 'from',
      attemptId: resumed.attempt.id,
      from: '+last',
    })
    expect(await again.output('+case+last')).toBe('11\n')
    expect(again.tasks.filter((task) => !task.resumed).map((task) => task.fullName)).toEqual([
      '+case',
      '+case+last',
    ])
  })

  test('from a task runs it and what follows, with what came before it', async () => {
    const whole = `
+a: {store>: {n: 1}}
+g:
  +b: {store>: {m: 2}}
  +c: {echo>: "\${n} \${m}"}
+d: {echo>: d}`
    const before = await play(whole)
    const resumed = await play(whole, { mode: 'from', attemptId: before.attempt.id, from: '+c' })
    expect(resumed.tasks.map((task) => `${task.fullName} ${task.resumed}`)).toEqual([
      '+case false',
      '+case+a true',
      '+case+g false',
      '+case+g+b true',
      '+case+g+c false',
      '+case+d false',
    ])
    expect(await resumed.output('+case+g+c')).toBe('1 2\n')
  })

  test('after a group retry takes the last of several tasks of one name', async () => {
    broken.add('b')
    const whole =
      '+g:\n  _retry: {limit: 1, interval: 1}\n  +a: {broken>: a}\n  +b: {broken>: b}\n+c: {broken>: c}'
    const playing = play(whole)
    setTimeout(() => {
      broken.clear()
      broken.add('c')
    }, 600)
    const failed = await playing
    broken.clear()
    expect(failed.task('+case+g').state).toBe('success')
    const resumed = await play(whole, { mode: 'failed', attemptId: failed.attempt.id })
    expect(resumed.end).toEqual({ state: 'success' })
    expect(resumed.states).toEqual([
      '+case success',
      '+case+g success',
      '+case+g+a success',
      '+case+g+b success',
      '+case+c success',
    ])
  })

  test('tells of a failure once, and of another one again', async () => {
    const whole = '+a: {broken>: a}\n+b: {broken>: b}'
    const alertOf = async (fails: string, resume?: Resume) => {
      broken.add(fails)
      const played = await play(whole, resume)
      broken.clear()
      expect(played.end.state).toBe('error')
      return { ...played.task('+case^failure-alert'), attemptId: played.attempt.id }
    }
    const first = await alertOf('a')
    expect(first.resumed).toBe(false)
    const resume: Resume = { mode: 'failed', attemptId: first.attemptId }
    expect(await alertOf('a', resume)).toMatchObject({ resumed: true, state: 'success' })
    expect(await alertOf('b', resume)).toMatchObject({ resumed: false, state: 'success' })
  })
})
