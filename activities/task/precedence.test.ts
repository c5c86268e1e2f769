import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { broken, brokenOnce, brokenOperator, storeOperator } from '../testing/operators.ts'
import { createStage, type PlayOptions, type Stage } from '#harness/stage/play.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator, brokenOperator])
})
afterAll(() => stage.close())

/** What the `echo>` tasks of a workflow printed, in the order of their ids: generated ones last. */
const lines = async (dig: string, options: PlayOptions = {}, state = 'success') => {
  const played = await stage.play({ 'case.dig': dig }, options)
  expect(played.end.state).toBe(state)
  const echoes = played.tasks.filter(({ operator }) => operator === 'echo')
  const texts = await Promise.all(
    echoes.map(async ({ fullName }) => (await played.output(fullName)).trimEnd()),
  )
  return texts.filter((text) => text !== '')
}

describe('on the way from the root to a task', () => {
  test('exports and stores take turns, the nearer and later ones winning', async () => {
    expect(
      await lines(`
_export: {v: root}
+a: {store>: {v: a}}
+b: {echo>: "b \${v}"}
+g:
  _export: {v: g}
  +c: {echo>: "c \${v}"}
  +d: {store>: {v: d}}
  +e: {echo>: "e \${v}"}
  +h:
    _export: {v: h}
    +i: {echo>: "i \${v}"}
    +j:
      _export: {v: j}
      echo>: "j \${v}"
+k: {echo>: "k \${v}"}`),
    ).toEqual(['b a', 'c g', 'e d', 'i h', 'j j', 'k d'])
  })

  test('objects of every source are merged, lists and texts replaced', async () => {
    const params = { o: { start: 1, x: 1, l: [1, 2, 3] } }
    const dig = `
_export: {o: {root: 1, x: 2}}
+a: {store>: {o: {stored: 1, x: 3, l: [4]}}}
+g:
  _export: {o: {group: 1, x: 4}}
  +t:
    _export: {o: {own: 1, x: 5}}
    echo>: "\${JSON.stringify(o)}"
    o: {local: 1}
+u: {store>: {o: text}}
+v: {echo>: "\${o}"}`
    expect(await lines(dig, { params })).toEqual([
      '{"start":1,"x":5,"l":[4],"root":1,"stored":1,"group":1,"own":1,"local":1}',
      'text',
    ])
  })

  test('what is written at the task is seen by the keys after it, where it replaces a parameter', async () => {
    const dig = `
+a:
  _export: {n: 1}
  echo>: "\${n}"
  n: 2
+b:
  m: 3
  echo>: "\${m}"
+c:
  echo>: "\${m}"
  m: 3`
    const played = await stage.play({ 'case.dig': dig })
    expect(await played.output('+case+a')).toBe('2\n')
    expect(await played.output('+case+b')).toBe('3\n')
    expect(played.task('+case+c').error?.['message']).toContain('m is not defined')
  })
})

describe('across the tree', () => {
  test('an export goes neither up nor aside, a store goes to all that come later', async () => {
    expect(
      await lines(`
+g:
  _export: {e: 1}
  +h: {+a: {store>: {s: 1}}}
  +b: {echo>: "\${e}\${s}"}
+c: {echo>: "\${typeof e} \${s}"}
+p:
  _parallel: true
  +d: {+e: {store>: {q: 1}}, +f: {echo>: "\${q}"}}
  +h: {echo>: "\${typeof q}"}`),
    ).toEqual(['11', 'undefined 1', '1', 'undefined'])
  })

  test('of parallel tasks the later one in the file wins, whichever ends first', async () => {
    expect(
      await lines(`
+p:
  _parallel: true
  +slow: {+w: {wait>: 1s}, +a: {store>: {v: slow, o: {slow: 1}}}}
  +quick: {store>: {v: quick, o: {quick: 1}}}
+b: {echo>: "\${v} \${JSON.stringify(o)}"}`),
    ).toEqual(['quick {"slow":1,"quick":1}'])
  })

  test('with _after a task sees those it waits for, and no others', async () => {
    expect(
      await lines(`
+p:
  _parallel: true
  +a: {store>: {a: 1, v: a}}
  +b: {store>: {b: 1, v: b}}
  +c: {echo>: "\${a} \${typeof b}", _after: [+a]}
  +d: {echo>: "\${a}\${b} \${v}", _after: [+b, +a]}`),
    ).toEqual(['1 undefined', '11 b'])
  })

  test('a background task sees nothing of those beside it', async () => {
    expect(
      await lines(`
+a: {store>: {x: 1}}
+b: {echo>: "\${typeof x}", _background: true}
+c: {echo>: "\${x}"}`),
    ).toEqual(['undefined', '1'])
  })

  test('variables of loops are exports: nearer ones win, and they beat earlier stores', async () => {
    expect(
      await lines(`
+a: {store>: {i: stored, x: stored, range: {from: stored, kept: 1}}}
+l: {loop>: 1, _do: {_export: {i: own}, echo>: "\${i}"}}
+f: {for_each>: {x: [1]}, _do: {loop>: 1, _do: {echo>: "\${x} \${i}"}}}
+r: {for_range>: {from: 5, to: 6, step: 1}, _do: {echo>: "\${JSON.stringify(range)}"}}
+z: {echo>: "\${i} \${x}"}`),
    ).toEqual(['stored stored', '0', '1 0', '{"from":5,"kept":1,"to":6,"index":0}'])
  })

  test('the stores of a generated task are seen by the rounds after it', async () => {
    expect(
      await lines(`
_export: {n: 0}
+l: {loop>: 3, _do: {+a: {store>: {n: "\${Number(n) + 1}"}}, +b: {echo>: "\${n}"}}}
+z: {echo>: "\${n}"}`),
    ).toEqual(['3', '1', '2', '3'])
  })

  test('_check sees what its operator and its subtasks stored', async () => {
    expect(
      await lines(`
+a:
  store>: {s: 1}
  _do: {+t: {store>: {t: 2}}}
  _check: {echo>: "\${s}\${t}"}`),
    ).toEqual(['12'])
  })

  test('_error sees what was stored below, and error in place of any other of that name', async () => {
    expect(
      await lines(
        `
_export: {error: mine}
+g:
  +a: {store>: {s: 1}}
  +b: {fail>: broken}
  _error: {echo>: "\${s} \${error.message}"}`,
        {},
        'error',
      ),
    ).toEqual(['1 broken'])
  })
})

describe('after a group has run again', () => {
  test('its tasks see the stores of their own round, and so do those after it', async () => {
    const dig = `
+a: {store>: {round: 0}}
+g:
  _retry: 1
  +a: {echo>: "\${typeof seen} \${round}"}
  +b: {store>: {seen: b}}
  +c: {broken>: once}
+z: {echo>: "\${seen} \${once}"}`
    brokenOnce.add('once')
    const played = await stage.play({ 'case.dig': dig })
    expect(played.end.state).toBe('success')
    expect(await played.output('+case+g+a')).toBe('undefined 0\nundefined 0\n')
    expect(await played.output('+case+z')).toBe('b 1\n')
  })
})

describe('an attempt that resumes another', () => {
  test('goes on with what was stored, exported and generated there', async () => {
    const dig = `
_export: {v: root}
+a: {store>: {v: a, o: {a: 1}}}
+l: {loop>: 70, _do: {store>: {o: {"n": "\${i}"}}}}
+g:
  _export: {w: g}
  +b: {store>: {v: b}, exported: {ex: 1}, _do: {+t: {store>: {sub: 1}}}}
  +c: {broken>: resumed}
+z: {echo>: "\${v} \${JSON.stringify(o)} \${sub} \${typeof ex} \${typeof w}"}`
    broken.add('resumed')
    const first = await stage.play({ 'case.dig': dig })
    broken.delete('resumed')
    expect(first.end.state).toBe('error')
    const resume = { mode: 'failed', attemptId: first.attempt.id } as const
    const second = await stage.play({ 'case.dig': dig }, { resume })
    expect(second.end.state).toBe('success')
    expect(await second.output('+case+z')).toBe('b {"a":1,"n":"69"} 1 undefined undefined\n')
  })
})

describe('parameters of megabytes', () => {
  test('are stored, inherited and read, and cost others nothing', async () => {
    const dig = `
+a: {store>: {big: "\${Array.from({length: 40000}, function (_, i) { return {id: i, note: 'a note of some length, to make it long enough for this test of mine'} })}"}}
+l: {loop>: 20, _do: {echo>: "\${i}"}}
+z: {echo>: "\${big.length} \${JSON.parse(big)[39999].id}"}`
    const texts = await lines(dig)
    expect(texts[0]).toBe('3588891 39999')
    expect(texts.slice(1)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
  })
})
