import { compileProject } from '#workflows/dig/index.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { projectFiles } from '../harness/read-cases.ts'
import { serverOf, type Confirmations } from '../harness/confirmed.ts'
import { row } from './markdown.ts'
import { renderOverview, type Overview } from './overview.ts'
import type { Note, Part, Topic } from './topics.ts'

/** All that the page is made from. */
export interface PageNeeds {
  readonly cases: readonly ConformanceCase[]
  readonly parts: readonly Part[]
  readonly overview: Overview
  readonly confirmations: Confirmations
}

/** Makes docs/digdag-compatibility.md; throws when a case is about a topic that the plan does not hold. */
export function renderPage({ cases, parts, overview, confirmations }: PageNeeds): string {
  const sources = sourcesOf(cases, confirmations)
  const planned = new Set(parts.flatMap(({ topics }) => topics.map(({ name }) => name)))
  const homeless = cases.find(({ expected }) => !planned.has(expected.rule.topic))
  if (homeless !== undefined) {
    throw new Error(
      `${homeless.name} is about "${homeless.expected.rule.topic}": give it a place in conformance/page/notes.yml`,
    )
  }
  return `${[
    ...introduction,
    ...renderOverview(overview, cases, parts),
    ...differences(cases),
    ...proof(cases, sources),
    ...parts.flatMap(({ title, topics }) => [
      `## ${title}`,
      '',
      ...topics.flatMap((topic) => renderTopic(topic, cases, sources)),
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`
}

const introduction = `# Coming from Digdag: what works as it did

The \`.dig\` files, the archives and the \`digdag\` command of a team stay what they are: \`digdag push -e http://suiro:65432\`
moves a project. On this screen is what there is; below it, where Suiro differs on purpose, and fact by fact
what was compared. This page is made by \`npm run conformance:page\`; a test fails when it is not what the cases say.
`.split('\n')

/** Who said so, of each case that a real server was asked about. */
interface Sources {
  readonly usual: string
  readonly byCase: ReadonlyMap<string, string>
}

function sourcesOf(cases: readonly ConformanceCase[], confirmations: Confirmations): Sources {
  const byCase = new Map(
    cases.flatMap((one) => {
      const server = serverOf(one, confirmations)
      return server === undefined ? [] : [[one.name, server] as const]
    }),
  )
  const counted = Map.groupBy(byCase.values(), (server) => server)
  const [usual = ''] = [...counted].toSorted(([, a], [, b]) => b.length - a.length).flat(1)
  return { usual: usual as string, byCase }
}

/** What the tables below are, and who says so. */
function proof(cases: readonly ConformanceCase[], { usual, byCase }: Sources): readonly string[] {
  const failing = cases.filter(({ expected }) => goesWrong(expected)).length
  return `## How it is known

Each line of the tables below is a fact that a case in \`conformance/cases/\` proves: a project, what is started, and what
the tasks, states, parameters, errors and output must be then. Of ${cases.length} cases a real server did what ${byCase.size} say:
a ● is ${usual}, unless another is named beside it. The other ${cases.length - byCase.size} are written from Digdag's documentation and source
and were never run there. In ${failing} of them something fails or is refused, because that is where systems differ.

\`npm run conformance\` runs all of them against your Suiro. \`npm run conformance -- --digdag URL\` runs
them on your Digdag server as well (with \`--java VERSION\` it keeps which of them that server confirms), and with
\`--project DIR\` a project of yours on both, and says what differs.
`.split('\n')
}

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

function renderTopic(
  topic: Topic,
  cases: readonly ConformanceCase[],
  sources: Sources,
): readonly string[] {
  const about = cases.filter(({ expected }) => expected.rule.topic === topic.name)
  const rows = [
    ...about.map((one) => ({
      option: one.expected.rule.option ?? '',
      line: caseRow(one, sources),
    })),
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

function caseRow(one: ConformanceCase, sources: Sources): string {
  const { what, rule, push, attempt, differs = [] } = one.expected
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
  return row(rule.option ?? '', what, says, `${link(one.name)}${markOf(one.name, sources)}`)
}

function markOf(name: string, { usual, byCase }: Sources): string {
  const server = byCase.get(name)
  if (server === undefined) return ''
  return server === usual ? ' ●' : ` ● ${server}`
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
