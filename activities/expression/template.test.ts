import { describe, expect, test } from 'vitest'
import { parseTemplate } from './template.ts'

/** Code in angle brackets, the rest as it is. */
const parts = (text: string): string =>
  parseTemplate(text)
    .map((part) => ('code' in part ? `<${part.code}>` : part.literal))
    .join('')

describe('the code of an expression ends where Digdag ends it', () => {
  test.each([
    ['a ${x} b ${y}', 'a <x> b <y>'],
    ['${{a: {b: 1}}.a}', '<{a: {b: 1}}.a>'],
    ['${}${ }', '< >'],
    ['${x} ${ y', '<x> ${ y'],
    ['$${x} a$$b $x $', '$<x> a$b $x $'],
    ['$$$$ $$$', '$$ $$'],
    ['${secret:a.b} ${env:X}${x}', '${secret:a.b} ${env:X}<x>'],
    ['${Secret:x} ${a1:b} ${a :b}', '<Secret:x> <a1:b> <a :b>'],
    ['${a\n + 1}', '<a\n + 1>'],
    ['${a / 2} and {b} / ${c}', '<a / 2> and {b} / <c>'],
  ])('%s', (text, expected) => {
    expect(parts(text)).toBe(expected)
  })
})

describe('braces that do not count are passed over', () => {
  test.each([
    ['${"}"} x', '<"}"> x'],
    ["${'{'} x", "<'{'> x"],
    ['${"\\"}"} x', '<"\\"}"> x'],
    ['${`}`} x', '<`}`> x'],
    ['${`a ${b + `}`} }`} x', '<`a ${b + `}`} }`> x'],
    ['${s.replace(/}/g, "")} x', '<s.replace(/}/g, "")> x'],
    ['${s.replace(/[/}]\\}/, "")} x', '<s.replace(/[/}]\\}/, "")> x'],
    ['${a /* } */ + b // }\n} x', '<a /* } */ + b // }\n> x'],
    ['${(function(){ return /}/.test(s) })()} x', '<(function(){ return /}/.test(s) })()> x'],
  ])('%s', (text, expected) => {
    expect(parts(text)).toBe(expected)
  })
})

describe('a quote that opens nothing changes nothing', () => {
  test.each([
    ["${s.replace(/'/g, x)} it's {y}", "<s.replace(/'/g, x)> it's {y}"],
    ["it's ${x} and it's ${y}", "it's <x> and it's <y>"],
    ["${x'} y", "<x'> y"],
    ['${x"} ${y}', '<x"> <y>'],
    ['${a) / b} c / ${d}', '<a) / b> c / <d>'],
  ])('%s', (text, expected) => {
    expect(parts(text)).toBe(expected)
  })
})

describe('a hostile text is read in one go', () => {
  test.each(['${"a" + {', '${`', '${', '${/*', '${/[', "${'\n"])('%j without an end', (piece) => {
    const text = piece.repeat(50_000)
    expect(parts(text)).toBe(text)
  })

  test.each(['${/*}', '${/[}', '${`}', '${x"\n}'])('%j', (piece) => {
    const text = piece.repeat(30_000)
    expect(parts(text)).toBe(piece.replace('${', '<').replace('}', '>').repeat(30_000))
  })
})
