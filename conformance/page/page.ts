import { compileProject } from '#workflows/dig/index.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { projectFiles } from '../harness/read-cases.ts'
import type { Note, Part, Topic } from './topics.ts'

/** Makes docs/digdag-compatibility.md; throws when a case is about a topic that the plan does not hold. */
export function renderPage(cases: readonly ConformanceCase[], parts: readonly Part[]): string {
  const planned = new Set(parts.flatMap(({ topics }) => topics.map(({ name }) => name)))
  const homeless = cases.find(({ expected }) => !planned.has(expected.rule.topic))
  if (homeless !== undefined) {
    throw new Error(
      `${homeless.name} is about "${homeless.expected.rule.topic}": give it a place in conformance/page/notes.yml`,
    )
  }
  return `${[
    ...introduction(cases),
    ...differences(cases),
    ...parts.flatMap(({ title, topics }) => [
      `## ${title}`,
      '',
      ...topics.flatMap((topic) => renderTopic(topic, cases)),
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`
}

function introduction(cases: readonly ConformanceCase[]): readonly string[] {
  const recorded = cases.filter(({ expected }) => isRecorded(expected.origin)).length
  const failing = cases.filter(({ expected }) => goesWrong(expected)).length
  return `# Coming from Digdag: what works as it did

This page is made from the cases in \`conformance/cases/\` by \`npm run conformance:page\`; a test fails when
the two disagree. Each line below is a fact that a case proves: a project, what is started, and what
the tasks, states, parameters, errors and output must be then. There are ${cases.length} cases: ${recorded} hold what a
Digdag 0.10.5.1 server did, recorded (●), the others what Digdag's behaviour is described to be. In ${failing} of
them something fails or is refused, because that is where systems differ.

\`npm run conformance\` runs all of them against your Suiro. \`npm run conformance -- --digdag URL\` runs
them on your Digdag server as well, and with \`--project DIR\` a project of yours on both, and says what differs.
`.split('\n')
}

const isRecorded = (origin: string): boolean => origin.startsWith('digdag')

const goesWrong = ({ push, start, attempt, next = [] }: ConformanceCase['expected']): boolean =>
  push.status !== 200 ||
  [{ start, attempt }, ...next].some(
    (step) =>
      (step.start !== undefined && step.start.status !== 200) ||
      (step.attempt !== undefined && step.attempt.status !== 'success'),
  )

/** What a team that moves must know, in one place. */
function differences(cases: readonly ConformanceCase[]): readonly string[] {
  const meant = cases.flatMap(({ name, expected }) =>
    (expected.differs ?? []).map(({ what, reason }) => ({ what, reason, name })),
  )
  const byWhat = Map.groupBy(meant, ({ what, reason }) => row(what, reason))
  return [
    '## Where Suiro differs on purpose',
    '',
    row('what', 'why', 'case'),
    '|---|---|---|',
    ...[...byWhat].map(
      ([start, same]) => `${start} ${same.map(({ name }) => link(name)).join(', ')} |`,
    ),
    '',
  ]
}

function renderTopic(topic: Topic, cases: readonly ConformanceCase[]): readonly string[] {
  const about = cases.filter(({ expected }) => expected.rule.topic === topic.name)
  const rows = [
    ...about.map((one) => ({ option: one.expected.rule.option ?? '', line: caseRow(one) })),
    ...(topic.notes ?? []).map((note) => ({ option: note.option ?? '', line: noteRow(note) })),
  ].sort((a, b) => (a.option < b.option ? -1 : a.option > b.option ? 1 : 0))
  return [
    `### ${topic.name}`,
    '',
    topic.about,
    '',
    ...(rows.length === 0
      ? []
      : [row('', 'fact', 'Suiro', 'proof'), '|---|---|---|---|', ...rows.map(({ line }) => line)]),
    '',
  ]
}

function caseRow(one: ConformanceCase): string {
  const { what, origin, rule, push, attempt, differs = [] } = one.expected
  const same =
    push.status !== 200
      ? 'refused at push, as by Digdag'
      : attempt?.status === 'error'
        ? 'fails, as in Digdag'
        : 'as Digdag'
  const says =
    differs.length > 0
      ? `**differs**: ${differs.map((each) => each.what).join('; ')}${instead(one)}`
      : same
  return row(rule.option ?? '', what, says, `${link(one.name)}${isRecorded(origin) ? ' ●' : ''}`)
}

/** What to use in place of an operator that is refused, in the words of the push itself. */
function instead(one: ConformanceCase): string {
  const files = new Map(Object.entries(projectFiles(one)))
  const { problems } = compileProject(files, { isTimezone: () => true })
  const refused = problems.find(({ code }) => code === 'OPERATOR_NOT_SUPPORTED')
  return refused?.advice === undefined ? '' : `. ${refused.advice}`
}

const noteRow = ({ option, what, suiro, proof }: Note): string =>
  row(option ?? '', what, suiro, proof === undefined ? '' : `[${proof}](../${proof})`)

const link = (name: string): string => `[${name}](../conformance/cases/${name}/case.dig)`

/** Cells of a table; a bar inside a cell would end it, and what looks like markup is none. */
const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`
