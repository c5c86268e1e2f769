import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isTimezone } from '../calendar/index.ts'
import type { JsonObject } from '../domain/json.ts'
import type { TaskDefinition } from './definition.ts'
import { compileProject } from './index.ts'

/** What a real Digdag server made of a project, as far as pushing it tells. */
interface Expected {
  readonly about: string
  /** Tasks of the workflow `case`, or … */
  readonly tasks?: readonly {
    readonly name: string
    readonly upstreams: readonly string[]
    /** Absent where the recording does not hold it. */
    readonly config?: JsonObject
  }[]
  /** … the mistakes for which it was refused, in our codes and words. */
  readonly refused?: readonly { readonly code: string; readonly line?: number }[]
  readonly message?: readonly string[]
}

const root = fileURLToPath(new URL('./fixtures/', import.meta.url))

function filesOf(folder: string, path = ''): readonly (readonly [string, string])[] {
  return readdirSync(join(folder, path)).flatMap((name) => {
    const file = path === '' ? name : `${path}/${name}`
    if (statSync(join(folder, file)).isDirectory()) return filesOf(folder, file)
    if (name === 'expected.json') return []
    return [[file, readFileSync(join(folder, file), 'utf8')] as const]
  })
}

interface Row {
  readonly name: string
  readonly upstreams: readonly string[]
  readonly config: JsonObject
}

function rows(task: TaskDefinition, parent: string, upstreams: readonly string[]): readonly Row[] {
  const name = parent + task.name
  const below = task.children.flatMap((child) =>
    rows(
      child,
      name,
      child.upstreams.map((place) => name + (task.children[place]?.name ?? '?')),
    ),
  )
  return [{ name, upstreams, config: task.config }, ...below]
}

const cases = readdirSync(root).map((name) => {
  const text = readFileSync(join(root, name, 'expected.json'), 'utf8')
  const expected = JSON.parse(text) as Expected
  return { name, about: expected.about, expected }
})

test.each(cases.filter(({ expected }) => expected.tasks))('$name: $about', ({ name, expected }) => {
  const { workflows, problems } = compileProject(new Map(filesOf(join(root, name))), { isTimezone })
  expect(problems).toEqual([])
  const workflow = workflows.find((one) => one.name === 'case')
  const compiled = workflow === undefined ? [] : rows(workflow.root, '', [])
  expect(compiled.map((row) => row.name)).toEqual(expected.tasks?.map((task) => task.name))
  for (const [index, task] of (expected.tasks ?? []).entries()) {
    expect(compiled[index]?.upstreams).toEqual(task.upstreams)
    // As text, since the order of keys is part of it.
    const config = task.config ?? compiled[index]?.config
    expect(JSON.stringify(compiled[index]?.config)).toBe(JSON.stringify(config))
  }
})

test.each(cases.filter(({ expected }) => expected.refused))(
  'refused, $name: $about',
  ({ name, expected }) => {
    const { problems } = compileProject(new Map(filesOf(join(root, name))), { isTimezone })
    expect(problems.map(({ code, place }) => ({ code, line: place?.line }))).toEqual(
      expected.refused,
    )
    expect(problems.map(({ message }) => message)).toEqual(expected.message)
    // Someone who has never seen our code can act on each of them.
    for (const problem of problems) expect(problem.advice).toMatch(/\w/)
  },
)
