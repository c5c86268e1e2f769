import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { operatorTable } from '#workflows/dig/index.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { row } from './markdown.ts'
import type { Part, Topic } from './topics.ts'

/** What a reader wants to know first, and no case says. */
export interface Overview {
  /** Commands of the client that share a state. */
  readonly commands: readonly { readonly names: readonly string[]; readonly state: string }[]
  /** Operators whose tasks succeed here and fail on Digdag, whatever they say. */
  readonly added: readonly string[]
  /** What Digdag has and Suiro does not. */
  readonly gone: readonly string[]
}

export const readOverview = (): Overview =>
  parse(readFileSync(new URL('overview.yml', import.meta.url), 'utf8')) as Overview

/** The first screen: commands, operators, directives, what is gone. */
export function renderOverview(
  { commands, added, gone }: Overview,
  cases: readonly ConformanceCase[],
  parts: readonly Part[],
): readonly string[] {
  const topics = parts.flatMap((part) => part.topics)
  const directives = parts
    .filter(({ title }) => title === 'Directives' || title === "A workflow's keys")
    .flatMap((part) => part.topics)
  const differing = (topic: Topic): boolean => differences(topic, cases) > 0
  const operators = [...operatorTable.keys()].map((name) => ({
    name,
    topic: topics.find((topic) => topic.name.split(' and ').includes(`${name}>`)),
  }))
  const unproven = operators.filter(({ topic }) => topic === undefined)
  if (unproven.length > 0) {
    throw new Error(
      `conformance/page/notes.yml has no topic for ${unproven.map(({ name }) => `${name}>`).join(', ')}`,
    )
  }
  const linked = (which: (topic: Topic, name: string) => boolean): string =>
    operators
      .filter(({ name, topic }) => topic !== undefined && which(topic, name))
      .map(({ name, topic }) => `[\`${name}>\`](${anchor(topic!)})`)
      .join(' ')
  const refused = cases
    .filter(({ name, expected }) => name.startsWith('refused-') && expected.rule.option)
    .map(({ expected }) => `\`${expected.rule.option}\``)
  return [
    row('`digdag …`', 'on Suiro'),
    '|---|---|',
    ...commands.map(({ names, state }) => row(names.map((name) => `\`${name}\``).join(' '), state)),
    '',
    row('operators', 'on Suiro'),
    '|---|---|',
    row(
      linked((topic, name) => !added.includes(name) && !differing(topic)),
      'as on Digdag',
    ),
    row(
      linked((topic, name) => !added.includes(name) && differing(topic)),
      'as on Digdag, but for what its table below says',
    ),
    row(
      linked((_, name) => added.includes(name)),
      'here only: on Digdag 0.10.5.1 their tasks fail',
    ),
    row(refused.join(' '), 'refused at push, with what to use instead, or a warning'),
    row('`plugin`, any other name', '[operators of your own](own-operators.md) in TypeScript'),
    '',
    row('directives', 'on Suiro'),
    '|---|---|',
    row(listed(directives.filter((topic) => !differing(topic))), 'as on Digdag'),
    row(listed(directives.filter(differing)), 'as on Digdag, but for what its table below says'),
    '',
    'Gone are:',
    '',
    ...gone.map((what) => `- ${what}`),
    '',
  ]
}

const listed = (topics: readonly Topic[]): string =>
  topics.map((topic) => `[${topic.name}](${anchor(topic)})`).join(' ')

/** How many of the facts about a topic are differences. */
const differences = ({ name, notes = [] }: Topic, cases: readonly ConformanceCase[]): number =>
  cases.filter(({ expected }) => expected.rule.topic === name && expected.differs !== undefined)
    .length + notes.filter(({ suiro }) => suiro.startsWith('differs')).length

/** Where its heading is on the page. */
const anchor = ({ name }: Topic): string =>
  `#${name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')}`
