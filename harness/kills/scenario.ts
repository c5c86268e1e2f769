import type { Random } from '../random.ts'

/** A workflow of one operator in one kind of group. */
export interface Scenario {
  readonly name: string
  /** Of a project with the workflow `main`. */
  readonly files: Readonly<Record<string, string>>
  /** Its tasks may run more than once by themselves. */
  readonly repeats: boolean
}

type Task = Readonly<Record<string, unknown>>

/** What a scenario's tasks are given: where they leave their marks. */
export interface Marks {
  /** Commands write their process ids into files of it. */
  readonly folder: string
  /** Jobs write a row each into a table `rows` of it. */
  readonly dataset: string
}

const pg = {
  host: '${pg_host}',
  port: '${pg_port}',
  user: '${pg_user}',
  database: '${pg_database}',
}

/** One task of each operator, most of which run long enough to be caught. */
const operators: Readonly<Record<string, (random: Random, marks: Marks) => Task>> = {
  echo: () => ({ 'echo>': '${session_date}' }),
  fail: () => ({ 'fail>': 'no', _retry: { limit: 2, interval: 1 } }),
  wait: (random) => ({ 'wait>': `${random.whole(1, 6)}s` }),
  blocking: (random) => ({ 'wait>': `${random.whole(1, 5)}s`, blocking: true }),
  // A child in the background, and both write their ids before they sleep.
  sh: (random, { folder }) => ({
    'sh>': `echo $$ >> ${folder}/pids; (sh -c 'echo $$ >> ${folder}/pids; exec sleep 30') & sleep ${random.whole(1, 4)}; kill $!`,
  }),
  stubborn: (random, { folder }) => ({
    'sh>': `trap '' TERM; echo $$ >> ${folder}/pids; sleep ${random.whole(1, 3)}`,
  }),
  py: () => ({ 'py>': 'work.run' }),
  pg: (random) => ({ 'pg>': { data: `select pg_sleep(${random.whole(1, 4)})` }, pg }),
  bq: (_, { dataset }) => ({
    'bq>': {
      data: `INSERT INTO ${dataset}.rows SELECT '\${attempt_id} \${task_name}', COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 4000)) a, UNNEST(GENERATE_ARRAY(1, 4000)) b WHERE MOD(a * b, 7) = 1`,
    },
  }),
  param_set: (random) => ({ 'param_set>': null, [`k${random.whole(0, 3)}`]: 1 }),
  call: () => ({ 'call>': 'called.dig' }),
  require: () => ({ 'require>': 'required', rerun_on: 'none', ignore_failure: true }),
}

type Group = (task: Task, random: Random) => { readonly main: Task; readonly called?: Task }

/** Each kind of group around a task. */
const groups: Readonly<Record<string, Group>> = {
  sequence: (task) => ({ main: { '+a': task, '+b': { 'echo>': 'b' } } }),
  parallel: (task) => ({ main: { '+p': { _parallel: true, '+a': task, '+b': task } } }),
  retried: (task) => ({
    main: { '+p': { _retry: { limit: 1, interval: 1 }, '+a': task, '+b': { 'fail>': 'no' } } },
  }),
  nested: (task) => ({
    main: { '+p': { _parallel: true, '+l': { '+m': { '+a': task } }, '+r': { '+a': task } } },
  }),
  if: (task) => ({ main: { '+g': { 'if>': true, _do: { '+a': task } } } }),
  for_each: (task) => ({
    main: { '+g': { 'for_each>': { x: [1, 2] }, _parallel: true, _do: { '+a': task } } },
  }),
  loop: (task) => ({ main: { '+g': { 'loop>': 2, _do: { '+a': task } } } }),
  called: (task) => ({ main: { '+g': { 'call>': 'body.dig' } }, called: { '+a': task } }),
  required: (task) => ({ main: { '+g': { 'require>': 'body' } }, called: { '+a': task } }),
  failed: (task) => ({ main: { '+g': { 'fail>': 'no', _error: { '+a': task } } } }),
  branches: (task) => ({
    main: {
      '+g': {
        _parallel: true,
        '+many': {
          'loop>': 420,
          _parallel: true,
          _do: { '+x': { 'echo>': 'x' }, '+y': { 'loop>': 2, _do: { 'echo>': 'y' } } },
        },
        '+a': task,
      },
    },
  }),
}

/** Every operator in every kind of group, in an order that the seed decides. */
export function scenarios(random: Random, marks: Marks): readonly Scenario[] {
  return Object.entries(operators)
    .flatMap(([operator, make]) =>
      Object.entries(groups).map(([group, around]) => {
        const { main, called = {} } = around(make(random, marks), random)
        const files = {
          'main.dig': main,
          'body.dig': called,
          'called.dig': { '+w': { 'wait>': '2s' }, '+e': { 'echo>': 'called' } },
          'required.dig': { '+w': { 'wait>': '3s' } },
        }
        return {
          at: random.next(),
          scenario: {
            name: `${operator} in ${group}`,
            repeats: group === 'retried',
            files: {
              ...Object.fromEntries(
                // JSON is YAML.
                Object.entries(files).map(([name, dig]) => [
                  name,
                  JSON.stringify({ timezone: 'UTC', ...dig }),
                ]),
              ),
              'work.py': `import os, time\ndef run():\n    open("${marks.folder}/pids", "a").write(str(os.getpid()) + "\\n")\n    time.sleep(3)\n`,
            },
          },
        }
      }),
    )
    .toSorted((a, b) => a.at - b.at)
    .map(({ scenario }) => scenario)
}
