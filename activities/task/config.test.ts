import { describe, expect, test } from 'vitest'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createConfig } from './config.ts'

const config = (params: JsonObject) => createConfig(params, new Set())

describe('reading a parameter', () => {
  test('converts what an expression made a text of', () => {
    const read = config({ n: ' 12 ', f: 1.9, empty: '', t: 'True', no: 'false', zero: 0, s: 5 })
    expect(read.integer('n')).toBe(12)
    expect(read.integer('f')).toBe(1)
    expect(read.integer('empty')).toBe(0)
    expect([
      read.boolean('t'),
      read.boolean('no'),
      read.boolean('empty'),
      read.boolean('zero'),
    ]).toEqual([true, false, false, false])
    expect(read.string('s')).toBe('5')
    expect([read.string('f'), read.string('empty'), config({ b: true }).string('b')]).toEqual([
      '1.9',
      '',
      'true',
    ])
    const words = config({
      a: 'TRUE',
      b: ' true ',
      c: 'FALSE',
      d: 'False ',
      e: 7,
      f: '-3',
      g: -1.9,
      // What an expression that is no number comes out as.
      h: 'null',
    })
    expect([words.boolean('a'), words.boolean('b'), words.boolean('e')]).toEqual([true, true, true])
    expect(['c', 'd', 'h'].map((key) => words.boolean(key))).toEqual([false, false, false])
    expect([words.integer('f'), words.integer('g')]).toEqual([-3, -1])
    expect(read.boolean('absent', true)).toBe(true)
  })

  test('reads numbers that JavaScript lacks as the numbers they are', () => {
    const read = config(
      parseJson(
        '{"f": 25000.0, "zero": 0.0, "big": 9007199254740993, "l": [2.0, "x"], "t": "[1.0]", "o": "{\\"n\\": 1e3}"}',
      ) as JsonObject,
    )
    expect([read.string('f'), read.string('big')]).toEqual(['25000.0', '9007199254740993'])
    expect([read.integer('f'), read.boolean('f'), read.boolean('zero')]).toEqual([
      25_000,
      true,
      false,
    ])
    expect(read.strings('l')).toEqual(['2.0', 'x'])
    expect(JSON.stringify([read.list('t'), read.object('o')])).toBe('[[1.0],{"n":1000.0}]')
    expect(() => read.integer('big')).toThrow(
      "Expected integer (int) type for key 'big' but got 9007199254740993 (number)",
    )
    expect(() => read.object('f')).toThrow("Parameter 'f' must be an object")
    expect(() => read.list('f')).toThrow("Expected array type for key 'f' but got 25000.0 (number)")
  })

  test('takes lists and objects as JSON text too', () => {
    const read = config({ l: '[1, {"a": 2}]', o: '{"b": 3}', one: 'x', many: ['x', 1] })
    expect(read.list('l')).toEqual([1, { a: 2 }])
    expect(read.object('o')).toEqual({ b: 3 })
    expect(read.list('absent')).toEqual([])
    expect([read.strings('one'), read.strings('many')]).toEqual([['x'], ['x', '1']])
  })

  test('reads durations in seconds', () => {
    expect(config({ d: '1d 2h 3m 4s' }).duration('d')).toBe(93_784)
    expect(config({ d: ' 1D2h  3 M ' }).duration('d')).toBe(93_780)
    expect(config({ d: '90s' }).optionalDuration('d')).toBe(90)
    expect(config({}).optionalDuration('d')).toBeUndefined()
    expect(() => config({ d: '5' }).duration('d')).toThrow('Invalid duration: 5')
  })

  test.each([
    [{}, 'string', "Parameter 'k' is required but not set"],
    [{ k: null }, 'string', "Parameter 'k' is required but null"],
    [{ k: { a: 1 } }, 'string', 'Expected string type for key \'k\' but got {"a":1} (object)'],
    [{ k: 'many' }, 'integer', 'Expected integer (int) type for key \'k\' but got "many" (string)'],
    [{ k: '1.5' }, 'integer', 'Expected integer (int) type for key \'k\' but got "1.5" (string)'],
    [{ k: true }, 'integer', "Expected integer (int) type for key 'k' but got true (boolean)"],
    [{ k: [1] }, 'integer', "Expected integer (int) type for key 'k' but got [1] (array)"],
    [
      { k: '12345678901234567890' },
      'integer',
      'Expected integer (int) type for key \'k\' but got "12345678901234567890" (string)',
    ],
    [{}, 'integer', "Parameter 'k' is required but not set"],
    [{ k: null }, 'boolean', "Parameter 'k' is required but null"],
    [{ k: [1, 2] }, 'string', "Expected string type for key 'k' but got [1,2] (array)"],
    [
      { k: ['x'.repeat(200)] },
      'string',
      `Expected string type for key 'k' but got ["${'x'.repeat(95)}... (array)`,
    ],
    [{ k: [[1]] }, 'strings', "Expected string type for key 'k' but got [1] (array)"],
    [{ k: '{"a":1}' }, 'list', 'Expected array type for key \'k\' but got "{\\"a\\":1}" (string)'],
    [{ k: 5 }, 'list', "Expected array type for key 'k' but got 5 (number)"],
    [{}, 'object', "Parameter 'k' is required but not set"],
    [{ k: '[1]' }, 'object', "Parameter 'k' must be an object"],
    [{}, 'duration', "Parameter 'k' is required but not set"],
    [{ k: '1s 2m' }, 'duration', 'Invalid duration: 1s 2m'],
    [{ k: '-5s' }, 'duration', 'Invalid duration: -5s'],
    [{ k: 'yes' }, 'boolean', "Expected 'true' or 'false' for key 'k' but got \"yes\" (string)"],
    [{ k: 'x' }, 'list', 'Expected array type for key \'k\' but got "x" (string)'],
    [{ k: [1] }, 'object', "Parameter 'k' must be an object"],
  ] as const)('%j as %s is refused: %s', (params, kind, message) => {
    expect(() => config(params)[kind]('k')).toThrow(message)
  })

  test('falls back on a nested object, the first named winning', () => {
    const read = config({ host: 'own', pg: { host: 'a', port: 1 }, db: { port: 2, user: 'u' } })
    const pg = read.withDefaults('pg', 'db')
    expect([pg.string('host'), pg.integer('port'), pg.string('user')]).toEqual(['own', 1, 'u'])
  })

  test('knows which keys were read, and which were written at the task', () => {
    const used = new Set<string>()
    const read = createConfig({ a: 1, b: 2, c: 3 }, used, ['a'])
    read.integer('a')
    read.withDefaults('pg').optionalString('b')
    expect([...used]).toEqual(['a', 'pg', 'b'])
    expect([read.isLocal('a'), read.isLocal('b')]).toEqual([true, false])
  })
})
