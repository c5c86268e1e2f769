import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type PlayOptions, type Stage } from '../testing/play.ts'
import { paramsOperator, storeOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator, paramsOperator])
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

describe('built-in variables', () => {
  const basic =
    '+t: {echo>: "${session_time}|${session_date}|${session_date_compact}|${session_local_time}|${session_tz_offset}|${session_unixtime}|${task_name}|${timezone}"}'

  test.each([
    [
      'UTC',
      '2026-03-05T00:00:00Z',
      '2026-03-05T00:00:00+00:00|2026-03-05|20260305|2026-03-05 00:00:00|+0000|1772668800|+case+t|UTC',
    ],
    [
      'Asia/Tokyo',
      '2026-03-05T00:00:00+09:00',
      '2026-03-05T00:00:00+09:00|2026-03-05|20260305|2026-03-05 00:00:00|+0900|1772636400|+case+t|Asia/Tokyo',
    ],
    [
      'America/New_York',
      '2026-03-08T03:00:00-04:00',
      '2026-03-08T03:00:00-04:00|2026-03-08|20260308|2026-03-08 03:00:00|-0400|1772953200|+case+t|America/New_York',
    ],
  ])('tell the session time in %s', async (zone, sessionTime, expected) => {
    const dig = `timezone: ${zone}\n${basic}`
    expect(await outputs(dig, { sessionTime })).toEqual({ '+t': expected })
  })

  const around =
    '+t: {echo>: "${last_session_time}|${last_session_date_compact}|${last_session_local_time}|${last_session_unixtime}|${next_session_time}|${next_session_date}|${next_session_tz_offset}|${next_session_unixtime}"}'

  test.each([
    [
      'cron>: "15 4 * * 1-5"',
      '2026-03-05T04:15:00+09:00',
      '2026-03-04T04:15:00+09:00|20260304|2026-03-04 04:15:00|1772565300|2026-03-06T04:15:00+09:00|2026-03-06|+0900|1772738100',
    ],
    [
      'daily>: "07:00:00"',
      '2026-03-05T00:00:00+09:00',
      '2026-03-04T00:00:00+09:00|20260304|2026-03-04 00:00:00|1772550000|2026-03-06T00:00:00+09:00|2026-03-06|+0900|1772722800',
    ],
    [
      'hourly>: "30:00"',
      '2026-03-05T05:00:00+09:00',
      '2026-03-05T04:00:00+09:00|20260305|2026-03-05 04:00:00|1772650800|2026-03-05T06:00:00+09:00|2026-03-05|+0900|1772658000',
    ],
    [
      'minutes_interval>: 15',
      '2026-03-05T05:15:00+09:00',
      '2026-03-05T05:00:00+09:00|20260305|2026-03-05 05:00:00|1772654400|2026-03-05T05:30:00+09:00|2026-03-05|+0900|1772656200',
    ],
    [
      'monthly>: "1,09:00:00"',
      '2026-03-01T00:00:00+09:00',
      '2026-02-01T00:00:00+09:00|20260201|2026-02-01 00:00:00|1769871600|2026-04-01T00:00:00+09:00|2026-04-01|+0900|1774969200',
    ],
    [
      'weekly>: "Mon,09:00:00"',
      '2026-03-02T00:00:00+09:00',
      '2026-02-23T00:00:00+09:00|20260223|2026-02-23 00:00:00|1771772400|2026-03-09T00:00:00+09:00|2026-03-09|+0900|1772982000',
    ],
  ])('tell the sessions around it for %s', async (schedule, sessionTime, expected) => {
    const dig = `timezone: Asia/Tokyo\nschedule: {${schedule}}\n${around}`
    expect(await outputs(dig, { sessionTime })).toEqual({ '+t': expected })
  })

  test('tell the last executed session, and nothing when there is none', async () => {
    const dig =
      '+t: {echo>: "${last_executed_session_time}|${last_executed_session_date}|${last_executed_session_unixtime}|${last_executed_session_tz_offset}"}'
    expect(await outputs(dig)).toEqual({ '+t': '|||+0000' })
    const params = { last_executed_session_time: '2026-03-01T00:00:00+00:00' }
    expect(await outputs(dig, { params })).toEqual({
      '+t': '2026-03-01T00:00:00+00:00|2026-03-01|1772323200|+0000',
    })
  })

  test('name project, session and attempt', async () => {
    const played = await stage.play({ 'case.dig': '+t: {params>: }' })
    const { attempt } = played
    expect(JSON.parse(await played.output('+case+t'))).toMatchObject({
      session_uuid: attempt.sessionUuid,
      session_id: attempt.sessionId,
      attempt_id: attempt.id,
      project_id: attempt.projectId,
      retry_attempt_name: attempt.retryAttemptName,
      _type: 'params',
      _command: null,
    })
  })

  test('win over exports, and give way to what is written at the task itself', async () => {
    expect(
      await outputs(`
_export: {timezone: Mars, session_date: never}
+a: {echo>: "\${timezone} \${session_date}"}
+b:
  echo>: "\${timezone} \${session_date}"
  timezone: here`),
    ).toEqual({ '+a': 'UTC 2026-03-05', '+b': 'here 2026-03-05' })
    const played = await stage.play({ 'case.dig': '+t: {params>: , timezone: here}' })
    expect(JSON.parse(await played.output('+case+t')).timezone).toBe('here')
  })
})
