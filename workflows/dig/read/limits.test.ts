import { expect, test } from 'vitest'
import { compile } from '../testing.ts'

const task = '+t: {echo>: x}\n'
const codesOf = (files: Parameters<typeof compile>[0]) =>
  compile(files).problems.map(({ code }) => code)

test.each([
  ['brackets', `_export: {a: ${'['.repeat(10_000)}}`],
  ['closed brackets', `_export: {a: ${'['.repeat(10_000)}${']'.repeat(10_000)}}\n${task}`],
  ['braces', `_export: ${'{a: '.repeat(10_000)}`],
  ['dashes', `_export:\n  a:\n    ${'- '.repeat(10_000)}x\n`],
  ['complex keys', `_export:\n  ${'? '.repeat(10_000)}x\n`],
  ['groups', `${'{"+a": '.repeat(10_000)}{"echo>": "x"}${'}'.repeat(10_000)}`],
])('10,000 levels of %s are a problem, not the end of the process', (_, text) => {
  expect(codesOf(text)).toEqual(['TOO_DEEP'])
})

test('50 groups inside one another, each with a loop, are no problem', () => {
  const text = `${'{"+a": {"loop>": 1, "_do": '.repeat(50)}{"echo>": "x"}${'}}'.repeat(50)}`
  expect(codesOf(text)).toEqual([])
})

test('aliases that would make a small file huge are refused', () => {
  const items = (level: number) => Array.from({ length: 10 }, () => `*a${level}`).join(', ')
  const lines = Array.from(
    { length: 7 },
    (_, level) => `  a${level + 1}: &a${level + 1} [${items(level)}]`,
  )
  expect(codesOf(`_export:\n  a0: &a0 [x]\n${lines.join('\n')}\n${task}`)).toEqual(['TOO_LARGE'])
})

test('includes that would make small files huge are refused', () => {
  const files = Array.from({ length: 30 }, (_, place) => {
    const next = `!include : ${place + 1}.yml`
    return [`${place}.yml`, `a:\n  ${next}\nb:\n  ${next}\n`] as const
  })
  const all = {
    'a.dig': `${task}!include : 0.yml\n`,
    ...Object.fromEntries(files),
    '30.yml': 'x: 1\n',
  }
  expect(codesOf(all)).toEqual(['TOO_LARGE'])
})

test('a large file that many include counts for the whole project', () => {
  const list = `l:\n${'- 1\n'.repeat(150_000)}`
  const files = Array.from({ length: 8 }, (_, place) => [
    `w${place}.dig`,
    `_export:\n  !include : list.yml\n${task}`,
  ])
  expect(codesOf({ ...Object.fromEntries(files), 'list.yml': list })).toEqual(['TOO_LARGE'])
})

test('a file larger than Digdag took is refused before it is read', () => {
  expect(codesOf(`# ${'x'.repeat(2 * 1024 * 1024)}\n${task}`)).toEqual(['TOO_LARGE'])
})

test('a mapping of 50,000 names is read', () => {
  const names = Array.from({ length: 50_000 }, (_, place) => `  name_${place}: ${place}`).join('\n')
  const { workflows, problems } = compile(`_export:\n${names}\n${task}`)
  expect(problems).toEqual([])
  expect(Object.keys(workflows[0]?.root.exports ?? {})).toHaveLength(50_000)
})

test('thousands of mistakes are reported as some and a number, each of bounded length', () => {
  const mistakes = Array.from({ length: 5_000 }, (_, place) => `"+${place}${'ü'.repeat(200)}": {}`)
  const { problems } = compile(`{${mistakes.join(', ')}}`)
  expect(problems).toHaveLength(201)
  expect(problems.at(-1)?.message).toBe('and 4800 more')
  expect(JSON.stringify(problems).length).toBeLessThan(300_000)
})
