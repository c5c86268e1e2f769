import { expect, test } from 'vitest'
import { expectation } from '#conformance/harness/observation.ts'
import { projectFiles, readCases } from '#conformance/harness/read-cases.ts'
import { isTimezone } from '../calendar/index.ts'
import type { JsonObject } from '../domain/json.ts'
import type { TaskDefinition } from './definition.ts'
import { compileProject } from './index.ts'

// The conformance cases, as far as pushing shows: quick, and with the place of each mistake.

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

/** A config as text, since the order of keys is part of it. */
const facts = (upstreams: readonly string[], config: JsonObject) => ({
  upstreams: upstreams.toSorted(),
  config: JSON.stringify(config),
})

const compile = (one: (typeof cases)[number]) =>
  compileProject(new Map(Object.entries(projectFiles(one))), { isTimezone })

const cases = readCases()
const pushStatus = (one: (typeof cases)[number]) =>
  expectation(one.expected, 'suiro').push['status']

test.each(cases.filter((one) => pushStatus(one) === 200))('$name: $expected.what', (one) => {
  const { workflows, problems } = compile(one)
  expect(problems).toEqual([])
  const { tasks, start } = one.expected
  if (tasks === undefined) return
  const workflow = workflows.find(({ name }) => name === (start?.workflow ?? 'case'))
  const compiled = workflow === undefined ? [] : rows(workflow.root, '', [])
  // What a run adds has `^` in its name, and a group's retry repeats names.
  const written = tasks.filter(
    ({ fullName }, index) =>
      !fullName.includes('^') && tasks.findIndex((task) => task.fullName === fullName) === index,
  )
  expect(compiled.map(({ name }) => name)).toEqual(written.map(({ fullName }) => fullName))
  const recorded = compiled.map((row, index) => {
    const { upstreams = row.upstreams, config = row.config } = written[index] ?? row
    return facts(upstreams, config)
  })
  expect(compiled.map(({ upstreams, config }) => facts(upstreams, config))).toEqual(recorded)
})

test.each(cases.filter((one) => pushStatus(one) !== 200))(
  'refused, $name: $expected.what',
  (one) => {
    const { problems } = compile(one)
    expect(
      problems.map(({ code, place, message }) => ({ code, line: place?.line, message })),
    ).toEqual(one.expected.refused)
    // Someone who has never seen our code can act on each of them.
    for (const problem of problems) expect(problem.advice).toMatch(/\w/)
  },
)
