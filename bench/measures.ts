/** Attempts of one shape in several sizes. */
export interface Measure {
  readonly name: string
  readonly what: string
  readonly sizes: readonly number[]
  /** A workflow of about so many tasks. */
  readonly dig: (tasks: number) => string
}

const list = (length: number): string => JSON.stringify(Array.from({ length }, (_, index) => index))

/** What a task costs as their number grows. */
export const measures: readonly Measure[] = [
  {
    name: 'sequence',
    what: 'echo> after echo>',
    sizes: [1_000, 5_000, 20_000],
    dig: (tasks) => `+all: {loop>: ${tasks}, _do: {echo>: hello}}`,
  },
  {
    name: 'parallel',
    what: 'groups of three echo>, side by side',
    sizes: [1_000, 5_000, 20_000],
    dig: (tasks) =>
      `+all: {for_each>: {x: ${list(tasks / 4)}}, _parallel: true, _do: {+a: {echo>: 1}, +b: {echo>: 2}, +c: {echo>: 3}}}`,
  },
  {
    name: 'control',
    what: 'loop> in loop>, if> in each round',
    sizes: [1_000, 5_000],
    dig: (tasks) =>
      `+all: {loop>: ${tasks / 100}, _do: {loop>: 32, _do: {if>: true, _do: {nop>: x}}}}`,
  },
  {
    name: 'remote',
    what: 'notify> on its task queue, side by side',
    sizes: [1_000, 5_000],
    dig: (tasks) =>
      `+all: {for_each>: {x: ${list(tasks)}}, _parallel: true, _do: {notify>: hello}}`,
  },
]

const sequence = (task: string): string =>
  Array.from({ length: 100 }, (_, index) => `+t${index}: {${task}}\n`).join('')

/** The same hundred tasks, once beside the workflow and once over the server and a task queue. */
export const locally = sequence('echo>: hello')
export const remotely = sequence('notify>: hello')

export const oneTask = '+only: {echo>: hello}'
