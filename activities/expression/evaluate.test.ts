import { afterAll, describe, expect, test } from 'vitest'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createExpressions } from './evaluate.ts'
import { createSandbox } from './sandbox.ts'

const sandbox = createSandbox({ bytes: 32 * 2 ** 20 })
const expressions = createExpressions(sandbox)
const impatient = createSandbox({ milliseconds: 300, bytes: 32 * 2 ** 20 })
afterAll(() => Promise.all([sandbox.close(), impatient.close()]))

const render = (text: string, params: JsonObject = {}, timezone = 'UTC') =>
  expressions.text(text, { params, timezone })

const failure = async (text: string, params: JsonObject = {}, of = impatient): Promise<string> => {
  try {
    const expressions = createExpressions(of)
    return `no failure: ${await expressions.text(text, { params, timezone: 'UTC' })}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('what Digdag was recorded to answer', () => {
  test('a doubled dollar becomes one and does not escape', async () => {
    expect(await render('$${x} $x {x}', { x: 1 })).toBe('$1 $x {x}')
    expect(await render('a$$b')).toBe('a$b')
  })

  test('values of every type have their text', async () => {
    const params = { n: 1, f: 1.5, s: 'text', o: { a: [1, 'two'] }, l: [1, 2], b: true }
    const text = "${n}|${f}|${s}|${o}|${l}|${b}|${n + 1}|${'a' + s}|${[1,2,3].length}|${null}"
    expect(await render(text, params)).toBe('1|1.5|text|{"a":[1,"two"]}|[1,2]|true|2|atext|3|')
  })

  test('braces nest, lines may break, and a ternary is an expression', async () => {
    expect(await render('${JSON.stringify({a: {b: 1}})}')).toBe('{"a":{"b":1}}')
    expect(await render('${a\n  + 1}\n', { a: 1 })).toBe('2\n')
    expect(await render("${n > 2 ? 'big' : 'small'} ${n == 3} ${n === '3'}", { n: 3 })).toBe(
      'big true false',
    )
  })

  test('a missing field is empty, a field of it is an error', async () => {
    expect(await render('[${o.a}]', { o: { x: 1 } })).toBe('[]')
    expect(await failure('${o.a.b}', { o: {} })).toBe(
      "Failed to evaluate a variable ${o.a.b} (TypeError: Cannot read property 'b' of undefined)",
    )
  })

  test('an unknown name and a thrown error say so', async () => {
    expect(await failure('x ${nope}')).toBe(
      'Failed to evaluate a variable x ${nope} (ReferenceError: nope is not defined)',
    )
    const thrown = "${(function(){throw new Error('boom')})()}"
    expect(await failure(thrown)).toBe(`Failed to evaluate a variable ${thrown} (Error: boom)`)
  })

  test('a syntax error is one of the text it is in', async () => {
    expect(await failure('${1 +}')).toMatch(
      /^Failed to evaluate a variable \$\{1 \+\} \(SyntaxError: /,
    )
    expect(await failure('${ }')).toMatch(/SyntaxError/)
    expect(await failure('${"a" + }')).toMatch(/SyntaxError/)
  })

  test('a brace in a string literal is one of the string, which Digdag refuses', async () => {
    expect(await render('${"}"}${\'{\'} ${`}${1 + 1}`}')).toBe('}{ }2')
  })

  test('what is neither text nor nothing is its JSON', async () => {
    expect(await render('${true}|${undefined}|${NaN}|${new Date(0)}|${[undefined]}|${{}.x}')).toBe(
      'true||null|"1970-01-01T00:00:00.000Z"|[null]|',
    )
    expect(await render('${moment.duration(5)} ${moment("bad", "X")}')).toBe('"PT0.005S" null')
  })

  test('characters that are awkward elsewhere pass', async () => {
    const text = 'a\0b \u{1F600} \ud800 日本'
    expect(await render('${s}|${s + "\\0"}', { s: text })).toBe(`${text}|${text}\0`)
  })

  test('Java’s replaceAll on texts works for plain patterns', async () => {
    expect(await render('${d.replaceAll("-", "/")}', { d: '2026-03-05' })).toBe('2026/03/05')
  })

  test('what is no expression stays', async () => {
    expect(await render('${secret:a.b} ${unclosed')).toBe('${secret:a.b} ${unclosed')
    expect(await render('${x} ${', { x: 'X' })).toBe('X ${')
    expect(await render('[${}]')).toBe('[]')
  })

  test('names that are no identifiers are reached through this', async () => {
    expect(await render('${this["a-b"]}', { 'a-b': 7 })).toBe('7')
    expect(await render('${this["a" + "-b"]} ${Object.keys(this)}', { 'a-b': 7, c: 1 })).toBe(
      '7 ["a-b","c"]',
    )
  })

  test('names are found however they are written', async () => {
    const params = { été: 1, $a_1: 2, over: 3, __proto__x: 4 }
    expect(
      await render('${été}${$a_1}${eval("ov" + "er")}${\\u006fver}${__proto__x}', params),
    ).toBe('12334')
  })
})

describe('a whole config', () => {
  const evaluate = (config: JsonObject, params: JsonObject = {}) =>
    expressions.config(config, { params, timezone: 'UTC' })

  test('is evaluated in key order, later keys seeing earlier ones of the same object', async () => {
    expect(await evaluate({ a: 1, b: '${a}2', c: { d: 'x', e: '${d}${a}' } }, { a: 9 })).toEqual({
      a: 1,
      b: '12',
      c: { d: 'x', e: 'x9' },
    })
    expect(await evaluate({ b: '${a}', a: '${c}', c: 1 }, { a: '${c}', c: 1 })).toEqual({
      b: '${c}',
      a: '1',
      c: 1,
    })
  })

  test('keeps keys, numbers, and the bodies of control operators as they are', async () => {
    const config = {
      '${k}_x': 1,
      _do: { 'echo>': '${i}' },
      list: ['${k}', 2, null, { _else_do: '${k}' }],
    }
    expect(await evaluate(config, { k: 'name' })).toEqual({
      ...config,
      list: ['name', 2, null, { _else_do: '${k}' }],
    })
  })

  test('a key may be called anything', async () => {
    const config = JSON.parse('{"__proto__": "${x}", "constructor": "${x}", "d": "${toString}"}')
    const evaluated = await evaluate(config, { x: 1, toString: 'mine' })
    expect(JSON.stringify(evaluated)).toBe('{"__proto__":"1","constructor":"1","d":"mine"}')
  })

  test('megabytes of parameters cost those only who read them', async () => {
    const rows = Array.from({ length: 40_000 }, (_, id) => ({ id, note: 'x'.repeat(80) }))
    const params = { rows, n: 1 }
    const texts = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '${n}']))
    const evaluated = await evaluate({ ...params, ...texts, last: '${rows.length} ${k0}' }, params)
    expect(evaluated['rows']).toBe(rows)
    expect(evaluated['last']).toBe('40000 1')
  })

  test('one expression cannot change what the next one reads', async () => {
    expect(await evaluate({ a: '${o.x = 5}', b: '${o.x}' }, { o: { x: 1 } })).toEqual({
      a: '5',
      b: '1',
    })
  })
})

describe('time', () => {
  const params = { session_time: '2026-03-05T09:30:00+09:00', session_unixtime: 1772670600 }

  test('moment prints in the zone of the workflow', async () => {
    const text =
      "${moment(session_time).format('YYYY-MM-DD HH:mm')} " +
      "${moment(session_time).add(-1, 'days').format('YYYYMMDD')} " +
      '${moment.unix(session_unixtime).utc().format()} ${moment(session_time)}'
    expect(await render(text, params, 'Asia/Tokyo')).toBe(
      '2026-03-05 09:30 20260304 2026-03-05T00:30:00Z "2026-03-05T00:30:00.000Z"',
    )
  })

  test('moment-timezone knows the other zones', async () => {
    const text = "${moment(session_time).tz('America/New_York').format('HH:mm Z')}"
    expect(await render(text, params, 'Asia/Tokyo')).toBe('19:30 -05:00')
    expect(await render("${moment.tz('2026-07-01', 'US/Eastern').format()}")).toBe(
      '2026-07-01T00:00:00-04:00',
    )
  })

  test.each(['UTC', 'Z', 'GMT', 'Africa/Abidjan'])(
    '%s shows its offset as +00:00',
    async (zone) => {
      const text =
        '${moment(session_time).format()} ${moment.utc(session_time).format()} ' +
        "${moment(session_time).utc().format()} ${moment(session_time).format('Z')}"
      expect(await render(text, params, zone)).toBe(
        '2026-03-05T00:30:00+00:00 2026-03-05T00:30:00Z 2026-03-05T00:30:00Z +00:00',
      )
    },
  )

  test.each(['UTC+9', 'GMT+09:00', '+9', 'JST'])('%s is nine hours ahead', async (zone) => {
    const text = '${moment(session_time).format()} ${new Date(1772670600000).getHours()}'
    expect(await render(text, params, zone)).toBe('2026-03-05T09:30:00+09:00 9')
  })

  test('a zone that moment does not know fails the task instead of being UTC', async () => {
    await expect(render('${moment().format()}', {}, 'Mars/Phobos')).rejects.toThrow(
      'moment knows no time zone Mars/Phobos',
    )
  })

  test('a fixed offset is a zone as well', async () => {
    expect(await render('${moment(session_time).format()}', params, '-03:30')).toBe(
      '2026-03-04T21:00:00-03:30',
    )
  })

  test('Date as text has one form, whatever is asked for', async () => {
    const printed = (method: string) =>
      render(`\${new Date(1772670600000).${method}}`, {}, 'Asia/Tokyo')
    expect(await printed('toLocaleDateString("ja-JP", {weekday: "long"})')).toBe('03/05/2026')
    expect(await printed('toLocaleString()')).toBe('03/05/2026, 09:30:00 AM')
    expect(await printed('toLocaleTimeString()')).toBe('09:30:00 AM')
    expect(await printed('toString()')).toBe('Thu Mar 05 2026 09:30:00 GMT+0900')
    expect(await render('${typeof Intl} ${(1234567.5).toLocaleString()}')).toBe(
      'undefined 1234567.5',
    )
  })

  test('Date has the zone of the workflow, summer time included', async () => {
    const text = '${new Date(2026, 6, 1).getTimezoneOffset()} ${new Date(1772670600000).getHours()}'
    expect(await render(text, {}, 'America/New_York')).toBe('240 19')
    expect(await render(text, {}, 'Asia/Tokyo')).toBe('-540 9')
    expect(await render(text, {}, '+05:45')).toBe('-345 6')
  })
})

describe('a hostile expression ends its own task only', () => {
  const endless = [
    '${(function(){for(;;);})()}',
    '${/(a+)+$/.test("a".repeat(40) + "b")}',
    '${({ get a() { for (;;); } })}',
    '${({ toJSON: function () { for (;;); } })}',
    '${new Proxy({}, { ownKeys: function () { for (;;); } })}',
    // It would leave a promise behind.
    '${(async function () { for (;;); })()}',
    // What it throws takes as long.
    '${(function () { throw { toJSON: function () { for (;;); } } })()}',
    "${'x'.replace(/x/, function () { for (;;); })}",
    // The engine looks at no clock inside this one: its thread is ended.
    "${Array(1e9).join('x')}",
  ]
  test.each(endless)('an endless one is ended: %s', async (text) => {
    expect(await failure(text)).toBe(
      `Failed to evaluate a variable ${text} (it took longer than 0.3 seconds)`,
    )
    expect(await render('${1 + 1}')).toBe('2')
  })

  test('one in a generator or a promise that nobody asks for harms nothing', async () => {
    expect(await render('${(function* () { for (;;) yield 1 })()}')).toBe('{}')
    expect(await render('${(async function () { for (;;) await 1 })()}')).toBe('{}')
  })

  test('a result of many megabytes is refused, a thrown one is cut', async () => {
    expect(await failure('${"x".repeat(2e7)}', {}, sandbox)).toMatch(
      /longer than 16 million characters/,
    )
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, '${"x".repeat(1e6)}']))
    await expect(expressions.config(many, { params: {}, timezone: 'UTC' })).rejects.toThrow(
      'longer than 16 million characters',
    )
    const thrown = await failure('${(function () { throw "x".repeat(3e6) })()}', {}, sandbox)
    expect(thrown.length).toBeLessThan(3_000)
  })

  test.each([
    '${"x".repeat(1e9)}',
    '${[].concat.apply([], [[...Array(1e8).keys()]])}',
    '${[...(function* () { for (;;) yield {} })()]}',
    '${new Uint8Array(1e9)}',
    '${(() => { const a = []; for (let i = 0; i < 100; i++) a.push(new Uint8Array(1e6)); return a.length })()}',
    '${"\\ufdfa".repeat(1e6).normalize("NFKD")}',
  ])('a memory bomb is ended: %s', async (text) => {
    expect(await failure(text)).toMatch(/needs more than 32 MB of memory|took longer/)
    expect(await render('${1 + 1}')).toBe('2')
  })

  test.each(['${(function f(){return f()})()}', '${JSON.parse("[".repeat(1e6))}'])(
    'deep recursion is ended: %s',
    async (text) => {
      expect(await failure(text)).toMatch(/stack overflow/)
      expect(await render('${1 + 1}')).toBe('2')
    },
  )

  test.each([
    'process',
    'require',
    'globalThis.process.env',
    'this.constructor.constructor("return process")()',
    '[].constructor.constructor("return process.mainModule")()',
    'std',
    'os',
    'WebAssembly',
    'fetch',
    'setTimeout',
    'Java',
    'import.meta',
    'console',
    'Atomics',
  ])('the host is out of reach: %s', async (code) => {
    expect(await failure(`\${${code}}`)).toMatch(
      /ReferenceError|TypeError|SyntaxError: import.meta/,
    )
  })

  test('a module cannot be imported', async () => {
    expect(
      await failure('${import("node:fs").then(m => m.readFileSync("/etc/passwd"))}'),
    ).not.toContain('root:')
  })

  test('what one task changes in the engine, the next one does not see', async () => {
    await render('${leak = 1} ${JSON.parse = null} ${Object.prototype.x = 2}')
    expect(await render('${typeof leak} ${typeof JSON.parse} ${({}).x}')).toBe(
      'undefined function ',
    )
  })

  test('many at a time wait for each other', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => render('${i * 2}', { i }))
    expect(await Promise.all(texts)).toEqual(Array.from({ length: 20 }, (_, i) => String(i * 2)))
  })
})

describe('numbers that JavaScript lacks', () => {
  const params = parseJson(
    '{"whole": 25000.0, "big": 1234567890123456789, "l": [1.0, 9007199254740993]}',
  ) as JsonObject

  test('are the nearest of its own within an expression, as in Digdag', async () => {
    expect(await render('${whole} ${whole + 1} ${typeof big} ${l.length} ${l}', params)).toBe(
      '25000 25001 number 2 [1,9007199254740992]',
    )
    expect(await render('${big}', params)).toBe('1234567890123456800')
  })

  test('stay as they are beside expressions', async () => {
    const config = parseJson(
      '{"a": "${whole}", "b": 1.0, "c": ["${whole}", 2.0, {"d": 9007199254740993}]}',
    ) as JsonObject
    const evaluated = await expressions.config(config, { params, timezone: 'UTC' })
    expect(JSON.stringify(evaluated)).toBe(
      '{"a":"25000","b":1.0,"c":["25000",2.0,{"d":9007199254740993}]}',
    )
  })
})
