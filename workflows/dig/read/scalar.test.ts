import { describe, expect, test } from 'vitest'
import { compile, placed } from '../testing.ts'
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
    ['1.', 1],
    ['1e3', 1000],
    ['1.5e+3', 1500],
    ['1_000.5', 1000.5],
    ['1e999', '1e999'],
    ['0.5', '0.5'],
    ['-0.5', '-0.5'],
    ['0.0', '0.0'],
    ['0e3', '0e3'],
    ['2020-01-01', '2020-01-01'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['.inf', '.inf'],
    ['.nan', '.nan'],
    ['12345678901234567890', '12345678901234567890'],
    ['0xFFFFFFFFFFFFFFFF', '18446744073709551615'],
  ])('%j is %j', (text, value) => {
    expect(typedScalar(text)).toBe(value)
  })
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
    ['0.5', 'TRUE', '010', '1.10', '1.0', '1.5', '10', 'yes', '"0.5"', '08']
      .map((value, place) => `+t${place}: {echo>: ${value}}\n`)
      .join(''),
  )
  expect(problems).toEqual([])
  expect(warnings.map(({ code, place, message }) => [code, place?.line, message])).toEqual([
    ['SCALAR_SURPRISE', 1, '0.5 is read as a text, not as a number'],
    ['SCALAR_SURPRISE', 2, 'TRUE is read as a text'],
    ['SCALAR_SURPRISE', 3, '010 is read as the number 8, in base 8'],
    ['SCALAR_SURPRISE', 4, '1.10 is read as the number 1.1'],
    ['SCALAR_SURPRISE', 5, '1.0 is read as the number 1'],
  ])
})
