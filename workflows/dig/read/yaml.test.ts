import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../domain/json.ts'
import { compile, placed } from '../testing.ts'

/** What `_export` of a file comes to. */
function exportsOf(text: string): JsonObject | undefined {
  const { workflows, problems } = compile(`_export:\n${text}\n+t: {echo>: x}\n`)
  expect(problems).toEqual([])
  return workflows[0]?.root.exports
}

describe('what YAML has is taken as Digdag takes it', () => {
  test('anchors and aliases; a name used again means the latest before', () => {
    expect(exportsOf('  a: &x 1\n  b: *x\n  c: &x [2]\n  d: *x')).toEqual({
      a: 1,
      b: 1,
      c: [2],
      d: [2],
    })
  })

  test('merge keys: own keys win, of several mappings the first, and they come first', () => {
    const exports = exportsOf(
      '  a: &a {x: 1, y: 1}\n  b: &b {x: 2, z: 2}\n  c: {own: 0, <<: [*a, *b], y: 3}',
    )
    expect(Object.entries(exports?.['c'] ?? {})).toEqual([
      ['x', 1],
      ['y', 3],
      ['z', 2],
      ['own', 0],
    ])
  })

  test('a quoted << is a key like others', () => {
    expect(exportsOf('  "<<": 1')).toEqual({ '<<': 1 })
  })

  test('block scalars with every chomping, and folded lines', () => {
    expect(
      exportsOf('  a: |\n    x\n    y\n  b: >\n    x\n    y\n  c: |-\n    x\n  d: |+\n    x\n'),
    ).toEqual({ a: 'x\ny\n', b: 'x y\n', c: 'x', d: 'x\n\n' })
  })

  test('keys that are no texts become texts', () => {
    expect(
      exportsOf('  010: a\n  True: b\n  ? [x, y]\n  : c\n  ? {k: 1}\n  : d\n  "010": e\n  1.50: f'),
    ).toEqual({ 8: 'a', true: 'b', '[x, y]': 'c', '{k=1}': 'd', '010': 'e', '1.50': 'f' })
  })

  test('names that JavaScript uses itself are keys like others', () => {
    const exports = exportsOf('  __proto__: {x: 1}\n  constructor: 2\n  toString: 3')
    expect(Object.entries(exports ?? {})).toEqual([
      ['__proto__', { x: 1 }],
      ['constructor', 2],
      ['toString', 3],
    ])
  })

  test('JSON text is YAML', () => {
    const { workflows, problems } = compile(
      '{"_export": {"a": [1, true, null]}, "+t": {"echo>": "x"}}',
    )
    expect(problems).toEqual([])
    expect(workflows[0]?.root.exports).toEqual({ a: [1, true, null] })
  })

  test.each([
    ['a flow list', '  a: ["x",\n  "y"]\n  b: z', { a: ['x', 'y'], b: 'z' }],
    [
      'its end at the left margin',
      '  a: [\nx,\n{y: 1\n}\n]\n  b: z',
      { a: ['x', { y: 1 }], b: 'z' },
    ],
    ['a flow mapping', '  a: {x: 1,\ny: two\nwords}', { a: { x: 1, y: 'two words' } }],
    ['a double-quoted text', '  a: "x\n\ny"\n  b: z', { a: 'x\ny', b: 'z' }],
    ['a single-quoted text', "  a: 'x\ny'\n  b: z", { a: 'x y', b: 'z' }],
    ['a quoted text in a list', '  a:\n    - "x\ny"\n    - {b: [\n]}', { a: ['x y', { b: [] }] }],
    ['a comment in a flow list', '  a: [x, # why\n# more\ny]#end', { a: ['x', 'y'] }],
  ])('the lines of %s may begin in any column', (_, text, expected) => {
    expect(exportsOf(text)).toEqual(expected)
  })

  test.each([
    ['|', 'x\n    y'],
    ['|+', 'x\n    y'],
    ['>', 'x\n    y'],
    ['|-', 'x\n    y'],
  ])('a %s block at the end of a file that has no last line end has none', (head, lines) => {
    const block = (end: string) =>
      compile(`+t:\n  echo>: ${head}\n    ${lines}${end}`).workflows[0]?.root.children[0]?.config
    const text = head === '>' ? 'x y' : 'x\ny'
    expect(block('')).toEqual({ 'echo>': text })
    expect(block('\n')).toEqual({ 'echo>': head === '|-' ? text : `${text}\n` })
    expect(block('\n  ')).toEqual({ 'echo>': head === '|-' ? text : `${text}\n` })
  })

  test('tabs within words, in quotes, in comments and blocks', () => {
    expect(exportsOf('  a: x\ty\t\n  b: "x\t\n\ty"\n  c: |\n    \tx\n  d: 1\t# x\ty')).toEqual({
      a: 'x\ty',
      b: 'x y',
      c: '\tx\n',
      d: 1,
    })
  })

  test.each([
    ['a byte order mark', '\uFEFF+t:\n  echo>: x\n'],
    ['lines that end as on Windows', '+t:\r\n  echo>: x\r\n'],
    ['lines that end by CR alone', '+t:\r  echo>: x\r'],
    ['document marks around one document', '---\n+t:\n  echo>: x\n...\n'],
    ['a YAML directive', '%YAML 1.1\n---\n+t:\n  echo>: x\n'],
  ])('%s', (_, text) => {
    const { workflows, problems } = compile(text)
    expect(problems).toEqual([])
    expect(workflows[0]?.root.children.map(({ name }) => name)).toEqual(['+t'])
  })
})

describe('what YAML or Digdag does not know is refused where it is', () => {
  test.each([
    ['a key twice at the top', '+a: {echo>: 1}\n+a: {echo>: 2}\n', 'DUPLICATE_KEY 2:1'],
    [
      'a key twice in _export',
      '_export:\n  a: 1\n  b: 2\n  a: 3\n+t: {echo>: x}\n',
      'DUPLICATE_KEY 4:3',
    ],
    ['a key twice in a flow mapping', '+t: {echo>: x, echo>: y}\n', 'DUPLICATE_KEY 1:16'],
    ['a merge key twice', '_export:\n  a: &a {}\n  b: {<<: *a, <<: *a}\n', 'DUPLICATE_KEY 3:15'],
    ['a merge of a text', '_export:\n  <<: text\n', 'MERGE 2:7'],
    ['a merge of a list of texts', '_export:\n  <<: [a]\n', 'MERGE 2:7'],
    ['an unknown alias', '_export:\n  a: *b\n', 'ALIAS 2:6'],
    ['an alias before its anchor', '_export:\n  a: *b\n  c: &b 1\n', 'ALIAS 2:6'],
    ['an alias inside what it names', '_export:\n  a: &a {b: [*a]}\n', 'ALIAS 2:14'],
    ['a key without a name', '_export:\n  ~: 1\n', 'KEY 2:3'],
    ['a tab as indentation', '+a:\n\techo>: x\n', 'YAML_SYNTAX 2:1'],
    ['a tab after a colon', '+a: {echo>: x}\n+b:\n  echo>:\tx\n', 'YAML_SYNTAX 3:9'],
    ['a tab after a dash', '_export:\n  a:\n  -\tx\n+b: {echo>: x}\n', 'YAML_SYNTAX 3:4'],
    ['a tab in a flow list', '_export: {a: [x,\ty]}\n', 'YAML_SYNTAX 1:17'],
    ['a tab after quotes', '_export: {a: "x"}\t\n', 'YAML_SYNTAX 1:18'],
    ['a line with a tab only', '+a: {echo>: x}\n\t\n+b: {echo>: x}\n', 'YAML_SYNTAX 2:1'],
    ['a line with a tab in a word', '+a:\n  echo>: x\n    \t\n    y\n', 'YAML_SYNTAX 3:5'],
    ['an escaped slash', '+a: {echo>: "a\\/b"}\n', 'YAML_SYNTAX 1:15'],
    ['an escaped tab', '+a: {echo>: "a\\\tb"}\n', 'YAML_SYNTAX 1:15'],
    ['a dot in the name of an anchor', '_export: {a: &x.y 1, b: *x.y}\n', 'YAML_SYNTAX 1:16'],
    ['a key over two lines', '_export: {a b\n  c: 1}\n', 'YAML_SYNTAX 2:4'],
    ['a key in another line than its colon', '_export: {"a"\n  : 1}\n', 'YAML_SYNTAX 2:3'],
    [
      'an open bracket before more lines',
      '_export:\n  a: "x\n  y"\n  c: [x\n  d: y\n+t: {echo>: x}\n',
      'YAML_SYNTAX 5:3',
    ],
    [
      'an open quote before more lines, where it begins',
      '_export:\n  a: "x\n  y"\n  b: "z\n  c: "d"\n+t: {echo>: x}\n',
      'YAML_SYNTAX 4:8',
    ],
    ['an open bracket', '+a: {echo>: [x\n', 'YAML_SYNTAX 2:1'],
    ['an open quote', '+a: {echo>: "x\n', 'YAML_SYNTAX 2:1'],
    ['uneven indentation', '+a:\n    echo>: x\n  _export: {}\n', 'YAML_SYNTAX 3:1'],
    ['two values in one line', '+a: b: c\n', 'YAML_SYNTAX 1:5'],
    ['a value that begins with @', '+a: {echo>: @x}\n', 'YAML_SYNTAX 1:13'],
    ['two documents', '+t: {echo>: x}\n---\n+u: {echo>: y}\n', 'YAML_SYNTAX 2:1'],
    ['a list', '- a\n', 'NOT_A_MAPPING 1:1'],
    ['a text', 'hello\n', 'NOT_A_MAPPING 1:1'],
    ['nothing', '', 'NOT_A_MAPPING 1:1'],
    ['comments only', '# nothing\n', 'NOT_A_MAPPING 1:1'],
    ['a NUL', '+t:\n  echo>: a\0b\n', 'ENCODING 2:11'],
    ['a control character', '+t:\n  echo>: a\x1bb\n', 'ENCODING 2:11'],
    ['an escape that no database keeps', '+t:\n  echo>: "\\0"\n', 'ENCODING 2:10'],
    ['half of a character', '+t:\n  echo>: "\\ud800"\n', 'ENCODING 2:10'],
  ])('%s', (_, text, expected) => {
    const { problems } = compile(text)
    expect(placed(problems)[0]).toBe(expected)
    for (const { advice } of problems) expect(advice).toMatch(/\w/)
  })

  test('an open bracket is reported once, where a line is not in it any more', () => {
    const { problems } = compile('_export:\n  c: [x\n  d: y\n  e: z\n+t: {echo>: x}\n')
    expect(placed(problems)).toEqual(['YAML_SYNTAX 3:3'])
  })

  test('an expression in flow style is reported once, with how to write it', () => {
    const { problems } = compile('+t:\n  sh>: x\n  _retry: {limit: ${n}, interval: 3}\n')
    expect(placed(problems)).toEqual(['YAML_SYNTAX 3:20'])
    expect(problems[0]?.advice).toContain('{limit: "${n}"}')
  })

  test('UTF-16 is reported as what it is', () => {
    const utf16 = '+t: {}\n'.replaceAll(/[^]/g, '$&\0')
    expect(compile(utf16).problems[0]?.advice).toContain('UTF-16')
  })

  test('bytes that are not UTF-8 are reported, and run as in Digdag', () => {
    const { workflows, warnings } = compile('+t:\n  echo>: caf\uFFFD\n')
    expect(workflows).toHaveLength(1)
    expect(placed(warnings)).toEqual(['ENCODING 2:13'])
  })

  test('Digdag shows the words of its own parser for a tab and a duplicate', () => {
    expect(compile('+a:\n\techo>: x\n').problems[0]?.message).toContain(
      "found character '\\t(TAB)' that cannot start any token",
    )
    expect(compile('+a: {}\n+a: {}\n').problems[0]?.message).toBe('Duplicated keys: [+a]')
  })

  test('all of a file at once', () => {
    const { problems } = compile('+a: {echo>: x, echo>: y}\n+b: {echo>: *c}\n+d: !x 1\n')
    expect(placed(problems)).toEqual(['DUPLICATE_KEY 1:16', 'ALIAS 2:13', 'UNKNOWN_TAG 3:8'])
  })
})
