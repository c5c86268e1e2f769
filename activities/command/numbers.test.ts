import { chosenSeed, createRandom } from '#harness/random.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { meaning, numberText } from '#harness/numbers.ts'
import { expect, test } from 'vitest'
import { operatorContext } from '../testing/operator-context.ts'
import { createCommandExecutor } from './executor.ts'
import { createPy } from './py.ts'
import { createRb } from './rb.ts'
import { createSh } from './sh.ts'

const executor = createCommandExecutor()
const params = (text: string): JsonObject => parseJson(text) as JsonObject

const random = createRandom(chosenSeed())
console.log(`numbers with seed ${random.seed}`)
// A double is all that Python and Ruby make of a float.
const texts = Array.from({ length: 300 }, () => numberText(random))
const asDouble = (text: string): string =>
  /[.eE]/.test(text) ? JSON.stringify(Number(text)) : text
/** Floats as doubles, in one writing; integers to the last digit. */
const rounded = (text: string): string => {
  if (!/[.eE]/.test(text)) return meaning(text)
  const double = asDouble(text)
  return meaning(
    /[.e]/.test(double) ? double : `${Object.is(Number(text), -0) ? '-' : ''}${double}.0`,
  )
}

test('sh> has numbers in its environment as they are, in _env as well', async () => {
  const sh = createSh(executor)
  const context = operatorContext(sh, {
    ...params(
      '{"whole": 25000.0, "half": 0.5, "big": 1234567890123456789, "l": [1.0, 9007199254740993], "_env": {"RATE": 2.0}}',
    ),
    _type: 'sh',
    _command: 'echo "$whole $half $big $l $RATE"',
  })
  await sh.run(context)
  expect(context.output()).toBe('25000.0 0.5 1234567890123456789 [1.0,9007199254740993] 2.0\n')
})

test('sh> stores what it writes', async () => {
  const sh = createSh(executor)
  const context = operatorContext(sh, {
    _type: 'sh',
    _command: `echo '{"a": 5.0, "b": 9007199254740993}' > "$SUIRO_OUTPUT"`,
  })
  const { stored } = await sh.run(context)
  expect(JSON.stringify(stored)).toBe('{"a":5.0,"b":9007199254740993}')
})

test('py> has floats and integers, whole or large, and so has what it stores', async () => {
  const py = createPy(executor)
  const python = `
import digdag
def look(whole, big, numbers, kinds):
    print(repr(whole), repr(big))
    for number, kind in zip(numbers, kinds):
        assert type(number).__name__ == kind, (number, kind)
    digdag.env.store(back=numbers, whole=3.0, large=1e20, big=big, l=[1.0, 2.5])
`
  const context = operatorContext(
    py,
    {
      ...params(`{"whole": 25000.0, "big": 1234567890123456789, "numbers": [${texts.join()}]}`),
      kinds: texts.map((text) => (/[.eE]/.test(text) ? 'float' : 'int')),
      python: 'python3',
      _type: 'py',
      _command: 'm.look',
    },
    { files: { 'm.py': python } },
  )
  const { stored = {} } = await py.run(context)
  expect(context.output()).toBe('25000.0 1234567890123456789\n')
  const { back, ...others } = stored
  expect(JSON.stringify(others)).toBe(
    '{"whole":3.0,"large":1e+20,"big":1234567890123456789,"l":[1.0,2.5]}',
  )
  const came = (back as readonly unknown[]).map((number) => JSON.stringify(number))
  expect(came.map(meaning), `seed ${random.seed}`).toEqual(texts.map(rounded))
})

test('rb> has floats and integers, whole or large, and so has what it stores', async () => {
  const rb = createRb(executor)
  const ruby = `
class Work
  def look(whole, big, numbers, kinds)
    puts whole.inspect + ' ' + big.inspect
    numbers.zip(kinds) { |number, kind| raise [number, kind].inspect unless number.class.name == kind }
    Digdag.env.store(back: numbers, whole: 3.0, large: 1e20, big: big, l: [1.0, 2.5])
  end
end
`
  const context = operatorContext(
    rb,
    {
      ...params(`{"whole": 25000.0, "big": 1234567890123456789, "numbers": [${texts.join()}]}`),
      kinds: texts.map((text) => (/[.eE]/.test(text) ? 'Float' : 'Integer')),
      require: 'm',
      _type: 'rb',
      _command: 'Work.look',
    },
    { files: { 'm.rb': ruby } },
  )
  const { stored = {} } = await rb.run(context)
  expect(context.output()).toBe('25000.0 1234567890123456789\n')
  const { back, ...others } = stored
  expect(JSON.stringify(others)).toBe(
    '{"whole":3.0,"large":1e+20,"big":1234567890123456789,"l":[1.0,2.5]}',
  )
  const came = (back as readonly unknown[]).map((number) => JSON.stringify(number))
  expect(came.map(meaning), `seed ${random.seed}`).toEqual(texts.map(rounded))
})
