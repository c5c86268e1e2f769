import { describe, expect, test } from 'vitest'
import { compile, placed } from '../testing.ts'
import { resolvePath } from './paths.ts'

const task = '+t: {echo>: x}\n'
const exportsOf = (files: Readonly<Record<string, string>>) => {
  const { workflows, problems } = compile(files)
  expect(problems).toEqual([])
  return workflows[0]?.root.exports
}

describe('!include', () => {
  test('overrides what is before it, and is overridden by what is after', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  x: before\n  !include : p.yml\n  y: after\n${task}`,
        'p.yml': 'x: file\ny: file\nz: file\n',
      }),
    ).toEqual({ x: 'file', y: 'after', z: 'file' })
  })

  test('merges its mappings deeply over what is before it; lists are replaced', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  o: {a: 0, b: 0}\n  l: [0]\n  !include : p.yml\n${task}`,
        'p.yml': 'o: {a: 1, n: {d: 1}}\nl: [1]\n',
      }),
    ).toEqual({ o: { a: 1, b: 0, n: { d: 1 } }, l: [1] })
  })

  test('is replaced by what is written after it, mappings too', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  !include : p.yml\n  o: {c: 2}\n  n: null\n${task}`,
        'p.yml': 'o: {c: 1, e: 1}\nn: {d: 1}\nz: 1\n',
      }),
    ).toEqual({ o: { c: 2 }, n: null, z: 1 })
  })

  test('a task that is written after it is the whole task, and keeps its place', () => {
    const { workflows, problems } = compile({
      'a.dig': '!include : p.yml\n+a: {echo>: own}\n',
      'p.yml': '+a: {sh>: x, _env: {A: b}}\n+b: {echo>: b}\n',
    })
    expect(problems).toEqual([])
    expect(workflows[0]?.root.children.map(({ name, config }) => [name, config])).toEqual([
      ['+a', { 'echo>': 'own' }],
      ['+b', { 'echo>': 'b' }],
    ])
  })

  test('of two includes the second merges over the first', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  !include : p.yml\n  !include : q.yml\n${task}`,
        'p.yml': 'o: {a: 1, b: 1}\n',
        'q.yml': 'o: {b: 2}\n',
      }),
    ).toEqual({ o: { a: 1, b: 2 } })
  })

  test('may come several times, also as the first line, and nests', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  !include : p/one.yml\n  !include : p/two.yml\n${task}`,
        'p/one.yml': 'x: 1\no: {a: 1}\n',
        'p/two.yml': 'o: {b: 2}\n!include : three.yml\n',
        'p/three.yml': 't: 3\n',
      }),
    ).toEqual({ x: 1, o: { a: 1, b: 2 }, t: 3 })
  })

  test('beats what a merge key brings', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  base: &b {x: {k: 1}}\n  c:\n    <<: *b\n    !include : p.yml\n${task}`,
        'p.yml': 'x: {l: 2}\n',
      })?.['c'],
    ).toEqual({ x: { k: 1, l: 2 } })
  })

  test('works in flow style, in tasks and at the top', () => {
    const { workflows, problems } = compile({
      'a.dig': '!include : tasks.yml\n+b: {!include : b.yml, _export: {k: 1}}\n',
      'tasks.yml': '+a: {echo>: a}\n',
      'b.yml': 'echo>: b\n',
    })
    expect(problems).toEqual([])
    expect(workflows[0]?.root.children.map(({ name, config }) => [name, config])).toEqual([
      ['+a', { 'echo>': 'a' }],
      ['+b', { 'echo>': 'b', _export: { k: 1 } }],
    ])
  })

  test('works in the mappings of a list, first and later', () => {
    expect(
      exportsOf({
        'a.dig': `_export:\n  l:\n  - !include : p.yml\n    y: 1\n  - z: 1\n    !include : p.yml\n${task}`,
        'p.yml': 'x: 1\n',
      }),
    ).toEqual({
      l: [
        { x: 1, y: 1 },
        { z: 1, x: 1 },
      ],
    })
  })

  test('a mistake in an included file is shown there, once for all that include it', () => {
    const { problems } = compile({
      'a.dig': '!include : tasks.yml\n',
      'b.dig': '!include : tasks.yml\n',
      'tasks.yml': '+ok: {echo>: x}\n+not ok: {echo>: x}\n',
    })
    expect(problems.map(({ place }) => [place?.file, place?.line])).toEqual([['tasks.yml', 2]])
  })

  test.each([
    ['a missing file', { 'a.dig': '+a:\n  !include : nope.yml\n' }, 'INCLUDE_MISSING 2:12'],
    ['a folder', { 'a.dig': '+a:\n  !include : p\n', 'p/q.yml': '' }, 'INCLUDE_MISSING 2:12'],
    [
      'a path upwards',
      { 'p/a.dig': '', 'a.dig': '+a:\n  !include : ../b\n' },
      'INCLUDE_OUTSIDE 2:12',
    ],
    ['a path from the root', { 'a.dig': '+a:\n  !include : /etc/hosts\n' }, 'INCLUDE_OUTSIDE 2:12'],
    ['no path', { 'a.dig': '+a:\n  !include :\n' }, 'INCLUDE_OUTSIDE 2:12'],
    ['a list of paths', { 'a.dig': '+a:\n  !include : [a.yml]\n' }, 'INCLUDE_OUTSIDE 2:12'],
    ['a file of a list', { 'a.dig': '+a:\n  !include : b\n', b: '- 1\n' }, 'NOT_A_MAPPING 1:1'],
    ['an empty file', { 'a.dig': '+a:\n  !include : b\n', b: '' }, 'NOT_A_MAPPING 1:1'],
    [
      'one that is indented deeper than its mapping',
      { 'a.dig': '+a: {echo>: x}\n  !include : b\n', b: 'x: 1\n' },
      'YAML_SYNTAX 2:3',
    ],
    [
      'one that is indented less than its mapping',
      { 'a.dig': '+a:\n    echo>: x\n  !include : b\n', b: 'x: 1\n' },
      'YAML_SYNTAX 3:3',
    ],
    ['itself', { 'a.dig': '+a:\n  !include : a.dig\n' }, 'INCLUDE_CYCLE 2:12'],
    ['a value', { 'a.dig': '+a: !include b\n', b: 'x: 1\n' }, 'UNKNOWN_TAG 1:14'],
    [
      'no blank before the colon',
      { 'a.dig': '+a:\n  !include: b\n', b: 'x: 1\n' },
      'UNKNOWN_TAG 2:13',
    ],
  ])('%s is refused', (_, files, expected) => {
    const { problems } = compile(files)
    expect(placed(problems)).toEqual([expected])
    expect(problems[0]?.advice).toMatch(/\w/)
  })

  test('a cycle over several files is shown as the way round', () => {
    const { problems } = compile({
      'a.dig': '!include : b.yml\n',
      'b.yml': '!include : c.yml\n',
      'c.yml': '!include : b.yml\n',
    })
    expect(problems[0]?.message).toContain('a.dig → b.yml → c.yml → b.yml')
  })

  test('a variable in the path is not expanded, and what to do is said', () => {
    const { problems } = compile(`_export:\n  !include : \${env}.yml\n${task}`)
    expect(problems[0]?.advice).toContain('Variables are not expanded')
  })

  test('a misspelt path is led to the file that was meant', () => {
    const { problems } = compile({
      'a.dig': '+a:\n  !include : config/parms.yml\n',
      'config/params.yml': 'x: 1\n',
    })
    expect(problems[0]?.advice).toContain('Did you mean "config/params.yml"?')
  })

  test('paths stay below the folder of the file that includes', () => {
    expect(resolvePath('p', 'q/../r.yml')).toBe('p/r.yml')
    expect(resolvePath('p', '../r.yml')).toBeUndefined()
    expect(resolvePath('p', '../px/r.yml')).toBeUndefined()
    expect(resolvePath('', '/etc/passwd')).toBeUndefined()
  })
})
