import { describe, expect, test } from 'vitest'
import { compile, placed } from '../testing.ts'
import { textOf } from '../../domain/json.ts'
import { typedScalar } from './scalar.ts'

// docs/language.md#scalars, row by row.
describe('a plain scalar', () => {
  test.each<readonly [string, string | number | boolean | null]>([
    ['true', true],
    ['True', true],
    ['false', false],
    ['False', false],
    ...['TRUE', 'FALSE', 'yes', 'no', 'on', 'off', 'Yes', 'No', 'On', 'Off', 'tRue'].map(
      (text) => [text, text] as const,
    ),
    ...['~', 'null', 'Null', 'NULL', ''].map((text) => [text, null] as const),
    ['nULL', 'nULL'],
    ['0', 0],
    ['12', 12],
    ['-3', -3],
    ['+4', 4],
    ['-0', 0],
    ['1_000', 1000],
    ['1__0_', 10],
    ['_1', '_1'],
    ['0b101', 5],
    ['-0b101', -5],
    ['0b_', '0b_'],
    ['0b12', '0b12'],
    ['010', 8],
    ['-010', -8],
    ['0_10', 8],
    ['08', '08'],
    ['09', '09'],
    ['0x1F', 31],
    ['+0x1f', 31],
    ['0x_', '0x_'],
    ['0o17', '0o17'],
    ['1:30', '1:30'],
    ['10:00:00', '10:00:00'],
    ['1.5', 1.5],
    ['-.5', -0.5],
    ['.5', 0.5],
    ['.5_0', '.5_0'],
    ['1_000.5', 1000.5],
    ['1.10', 1.1],
    ['1e999', '1e999'],
    ['0.5', '0.5'],
    ['-0.5', '-0.5'],
    ['0.0', '0.0'],
    ['0e3', '0e3'],
    ['2020-01-01', '2020-01-01'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['.inf', '.inf'],
    ['.nan', '.nan'],
  ])('%j is %j', (text, value) => {
    expect(typedScalar(text)).toBe(value)
  })
})

// As JSON: JavaScript's own numbers would not tell these from integers, or lose digits.
describe('a number keeps its kind and value', () => {
  test.each([
    ['1.', '1.0'],
    ['2.0', '2.0'],
    ['-.0', '-0.0'],
    ['+25000.0', '25000.0'],
    ['1e3', '1000.0'],
    ['1.5e+3', '1500.0'],
    ['1.e3', '1000.0'],
    ['1_000.0', '1000.0'],
    ['1e20', '1e+20'],
    ['1e21', '1e+21'],
    ['1.000000000000000000001', '1.000000000000000000001'],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['-1234567890123456789', '-1234567890123456789'],
    ['12345678901234567890', '12345678901234567890'],
    ['1000000000000000000000', '1000000000000000000000'],
    ['0xFFFFFFFFFFFFFFFF', '18446744073709551615'],
    ['-0x20000000000001', '-9007199254740993'],
    ['0777777777777777777777', '9223372036854775807'],
  ])('%s is the number %s', (text, json) => {
    const value = typedScalar(text)
    expect(typeof value).not.toBe('string')
    expect(textOf(value)).toBe(json)
  })

  test.each([
    ['!!float 1', '1.0'],
    ['!!float 007', '7.0'],
    ['!!float 0012345678901234567890.5', '12345678901234567890.5'],
    ['!!float "1_0.5"', '10.5'],
    ['!!int 9007199254740993', '9007199254740993'],
  ])('also with a tag: %s is %s', (value, json) => {
    const { workflows, problems } = compile(`_export: {a: ${value}}\n+t: {echo>: x}\n`)
    expect(problems).toEqual([])
    expect(JSON.stringify(workflows[0]?.root.exports)).toBe(`{"a":${json}}`)
  })
})

test('a whole float as a key stays as it was written, an integer keeps its digits', () => {
  const { workflows } = compile(
    '_export: {m: {1.0: a, 1e3: b, 12345678901234567890: c}}\n+t: {echo>: x}\n',
  )
  expect(JSON.stringify(workflows[0]?.root.exports)).toBe(
    '{"m":{"1.0":"a","1e3":"b","12345678901234567890":"c"}}',
  )
})

test('quotes make a text of anything', () => {
  const { workflows } = compile(`_export: {a: "010", b: 'true', c: "", d: '~'}\n+t: {echo>: x}\n`)
  expect(workflows[0]?.root.exports).toEqual({ a: '010', b: 'true', c: '', d: '~' })
})

test("YAML's own tags choose the type", () => {
  const { workflows, problems } = compile(
    '_export: {a: !!str 5, b: !!int "5", c: !!float 0.5, d: !!bool yes, e: !!null x, f: !!map {g: !!seq [1]}}\n+t: {echo>: x}\n',
  )
  expect(problems).toEqual([])
  expect(workflows[0]?.root.exports).toEqual({
    a: '5',
    b: 5,
    c: 0.5,
    d: true,
    e: null,
    f: { g: [1] },
  })
})

test.each([
  ['!!set {b, a, 1, ~}', ['b', 'a', 1, null]],
  ['!!omap [b: 1, a: {c: 2}]', { b: 1, a: { c: 2 } }],
  [
    '!!pairs [b: 1, b: 2]',
    [
      ['b', 1],
      ['b', 2],
    ],
  ],
  ['!!binary "aG\\n k="', 'aGk='],
  ['!!timestamp 2020-01-01', 1_577_836_800_000],
  ['!!timestamp 2020-1-1t0:00:00.5', 1_577_836_800_500],
  ['!!timestamp 2020-01-01 09:30:00 +9:30', 1_577_836_800_000],
  ['!!timestamp 2019-12-31T23:30:00-00:30', 1_577_836_800_000],
  ['!!timestamp 2020-01-01T00:00:00Z', 1_577_836_800_000],
])('%s is what it becomes as JSON', (value, expected) => {
  const { workflows, problems } = compile(`_export:\n  a: ${value}\n+t: {echo>: x}\n`)
  expect(problems).toEqual([])
  expect(workflows[0]?.root.exports['a']).toEqual(expected)
})

test.each([
  ['!!int x', 'YAML_SYNTAX'],
  ['!!float ""', 'YAML_SYNTAX'],
  ['!!float .', 'YAML_SYNTAX'],
  ['!!float 1e999', 'YAML_SYNTAX'],
  ['!!float 0x1F', 'YAML_SYNTAX'],
  ['!!int 2.0', 'YAML_SYNTAX'],
  ['!!bool maybe', 'YAML_SYNTAX'],
  ['!!timestamp today', 'YAML_SYNTAX'],
  ['!!binary aGk', 'YAML_SYNTAX'],
  ['!!omap [{a: 1, b: 2}]', 'YAML_SYNTAX'],
  ['!!omap {a: 1}', 'UNKNOWN_TAG'],
  ['!!set [a, b]', 'UNKNOWN_TAG'],
  ['!ref x', 'UNKNOWN_TAG'],
  ['!ref {a: 1}', 'UNKNOWN_TAG'],
  ['!ref [1]', 'UNKNOWN_TAG'],
])('the value %s is refused', (value, code) => {
  const { problems } = compile(`_export:\n  a: ${value}\n+t: {echo>: x}\n`)
  expect(placed(problems)).toEqual([expect.stringMatching(`^${code} 2:`)])
})

test('what most authors would read otherwise is kept, and reported', () => {
  const { problems, warnings } = compile(
    ['0.5', 'TRUE', '010', '1.10', '1.0', '1.5', '10', 'yes', '"0.5"', '08', '9007199254740993']
      .map((value, place) => `+t${place}: {echo>: ${value}}\n`)
      .join(''),
  )
  expect(problems).toEqual([])
  expect(warnings.map(({ code, place, message }) => [code, place?.line, message])).toEqual([
    ['SCALAR_SURPRISE', 1, '0.5 is read as a text, not as a number'],
    ['SCALAR_SURPRISE', 2, 'TRUE is read as a text'],
    ['SCALAR_SURPRISE', 3, '010 is read as the number 8, in base 8'],
    ['SCALAR_SURPRISE', 4, '1.10 is read as the number 1.1'],
    ['SCALAR_SURPRISE', 5, '1.0 is a number, which an expression writes as 1'],
    [
      'SCALAR_SURPRISE',
      11,
      '9007199254740993 is a number, which an expression writes as 9007199254740992',
    ],
  ])
})
