import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type PlayOptions, type Stage } from '#harness/stage/play.ts'
import { storeOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator])
})
afterAll(() => stage.close())

/** What the tasks of a workflow print, by their names below the root. */
const outputs = async (dig: string, options: PlayOptions = {}) => {
  const played = await stage.play({ 'case.dig': dig }, options)
  expect(played.end).toEqual({ state: 'success' })
  const names = played.tasks.filter((task) => task.operator === 'echo').map((row) => row.fullName)
  const lines = await Promise.all(
    names.map(async (name) => [name.slice('+case'.length), (await played.output(name)).trimEnd()]),
  )
  return Object.fromEntries(lines)
}

describe('exports', () => {
  test('hold for the task and all below it, the inner ones winning', async () => {
    expect(
      await outputs(`
_export: {v: root, w: root}
+g:
  _export: {v: group}
  +a: {echo>: "\${v} \${w}"}
  +b:
    _export: {w: task}
    echo>: "\${v} \${w}"
+after: {echo>: "\${v} \${w}"}`),
    ).toEqual({ '+g+a': 'group root', '+g+b': 'group task', '+after': 'root root' })
  })

  test('objects are merged key by key, and expressions in them evaluated where they are used', async () => {
    expect(
      await outputs(`
_export: {o: {x: 1, y: 2}, a: 1, b: "\${a}2", where: "\${task_name}"}
+g:
  _export: {o: {y: 3}}
  +t: {echo>: "\${JSON.stringify(o)} \${b} \${where}"}`),
    ).toEqual({ '+g+t': '{"x":1,"y":3} 12 +case+g+t' })
  })

  test('win over the parameters of the start, which win over nothing else', async () => {
    const params = { v: 'start', w: 'start', n: 1, o: { a: [true, null] } }
    const dig = '_export: {v: file}\n+a: {echo>: "${v} ${w} ${JSON.stringify([n, o])}"}'
    expect(await outputs(dig, { params })).toEqual({ '+a': 'file start [1,{"a":[true,null]}]' })
  })
})

describe('stored parameters', () => {
  test('win over exports around both tasks, not over those of an inner group', async () => {
    expect(
      await outputs(`
_export: {got: file}
+a: {store>: {got: stored}}
+b: {echo>: "\${got}"}
+g:
  _export: {got: inner}
  +c: {echo>: "\${got}"}`),
    ).toEqual({ '+b': 'stored', '+g+c': 'inner' })
  })

  test('are seen after a join, not by siblings in parallel; later ones win', async () => {
    expect(
      await outputs(`
_export: {got: nothing}
+g:
  _parallel: true
  +a: {store>: {got: a, o: {a: 1}}}
  +b: {store>: {got: b, o: {b: 2}}}
  +c: {echo>: "\${got}"}
+z: {echo>: "\${got} \${JSON.stringify(o)}"}`),
    ).toEqual({ '+g+c': 'nothing', '+z': 'b {"a":1,"b":2}' })
  })

  test('can be reset, also a part of an object', async () => {
    expect(
      await outputs(`
+a: {store>: {pg: {last_results: [1], other: 2}, gone: 1}}
+b: {store>: {pg: {last_results: {n: 3}}}, reset: ["pg.last_results", gone]}
+c: {echo>: "\${JSON.stringify(pg)} \${typeof gone}"}`),
    ).toEqual({ '+c': '{"other":2,"last_results":{"n":3}} undefined' })
  })

  test('are evaluated by those who read them', async () => {
    const text = '"$" + String.fromCharCode(123) + "task_name" + String.fromCharCode(125)'
    expect(await outputs(`+a: {store>: {t: '\${${text}}'}}\n+b: {echo>: "\${t}"}`)).toEqual({
      '+b': '+case+b',
    })
  })

  test('of many tasks cost the next one no more: they are merged into one layer', async () => {
    const dig =
      '+a:\n  loop>: 100\n  _do: {store>: {n: "${i}", seen: {"k${i % 3}": 1}}}\n+b: {echo>: "${n} ${JSON.stringify(seen)}"}'
    expect(await outputs(dig)).toEqual({ '+b': '99 {"k${i % 3}":1}' })
    const { rows } = await stage.database.pool.query('select count(*)::int as n from merged_params')
    expect(rows[0].n).toBeGreaterThan(0)
  })

  test('of chunks in parallel count in written order, however many there are', async () => {
    const seen = '"${i}", seen: "${typeof x == \'undefined\' ? \'nothing\' : x}"'
    const dig = `
+a:
  loop>: 210
  _parallel: {limit: 70}
  _do:
    if>: \${i == 0 || i == 100}
    _do: {store>: {x: "\${i}"}}
    _else_do: {store>: {y: ${seen}}}
+b: {echo>: "\${x} \${y} \${seen}"}`
    expect(await outputs(dig)).toEqual({ '+b': '100 209 100' })
  })

  test('exports of an operator reach its subtasks only', async () => {
    expect(
      await outputs(`
+a:
  store>: {st: 1}
  exported: {ex: 2}
  _do: {+t: {echo>: "\${st} \${ex}"}}
+b: {echo>: "\${st} \${typeof ex}"}`),
    ).toEqual({ '+a^sub+t': '1 2', '+b': '1 undefined' })
  })
})
