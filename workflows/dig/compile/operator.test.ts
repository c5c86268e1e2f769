import { describe, expect, test } from 'vitest'
import { operatorTable } from '../operators/table.ts'
import { compile, placed } from '../testing.ts'

describe('an operator that is not known', () => {
  test.each([
    ['ehco', 'Did you mean "echo>"?'],
    ['for_eahc', 'Did you mean "for_each>"?'],
    ['bq_laod', 'Did you mean "bq_load>"?'],
    ['kubernetes', 'No operator is called "kubernetes>"'],
  ])('%s> is reported with advice, and taken as Digdag takes it', (operator, advice) => {
    const { problems, warnings } = compile(`+a:\n  ${operator}>: x\n`)
    expect(problems).toEqual([])
    expect(placed(warnings)).toEqual(['OPERATOR_UNKNOWN 2:3'])
    expect(warnings[0]?.advice).toContain(advice)
  })

  test.each([
    ['td', 'bq>'],
    ['td_load', 'bq_load>'],
    ['s3_wait', 'Cloud Storage'],
    ['redshift_unload', 'bq>'],
    ['emr', 'bq>'],
    ['athena.query', 'bq>'],
  ])('%s> is refused, because nothing here speaks to that service', (operator, advice) => {
    const { problems } = compile(`+a:\n  ${operator}>: x\n`)
    expect(placed(problems)).toEqual(['OPERATOR_NOT_SUPPORTED 2:3'])
    expect(problems[0]?.advice).toContain(advice)
  })

  test('it is a warning where the server is set so: also as the first of _error', () => {
    const { problems, warnings, workflows } = compile(
      '+a: {td>: q.sql}\n+b: {echo>: x, _error: {emr>: y}}\n',
      { unsupportedOperators: 'warn' },
    )
    expect(problems).toEqual([])
    expect(placed(warnings)).toEqual(['OPERATOR_NOT_SUPPORTED 1:6', 'OPERATOR_NOT_SUPPORTED 2:25'])
    expect(workflows).toHaveLength(1)
  })

  test('inside _do it is no refusal, in _error it is', () => {
    expect(compile('+a: {loop>: 1, _do: {td>: x}}\n').problems).toEqual([])
    expect(placed(compile('+a:\n  echo>: x\n  _error: {td>: y}\n').problems)).toEqual([
      'OPERATOR_NOT_SUPPORTED 3:12',
    ])
  })
})

describe("a team's own operators", () => {
  const ownOperators = [
    { name: 'slack', retry: 'task', options: ['channel', 'mention'] },
    { name: 'td', retry: 'task', options: ['query'] },
    { name: 'crawl', retry: 'task' },
  ] as const

  test('are known by name and options, also where Suiro itself refuses the name', () => {
    const { problems, warnings } = compile(
      '+a: {slack>: hi, channel: c}\n+b: {td>: x, query: q}\n+c: {crawl>: x, anything: y}\n',
      { ownOperators },
    )
    expect([...problems, ...warnings]).toEqual([])
  })

  test('are what a misspelt one may have been meant to be', () => {
    const { warnings } = compile('+a: {slcak>: hi}\n+b: {slack>: hi, chanel: c}\n', {
      ownOperators,
    })
    expect(warnings.map(({ advice }) => advice)).toEqual([
      'Did you mean "slack>"?',
      'Did you mean "channel:"?',
    ])
  })
})

describe('what is beside an operator', () => {
  test.each([
    ['bq>: q.sql', 'destination_tabel: t', 'Did you mean "destination_table:"?'],
    ['bq_load>: gs://b/o', 'skip_leading_row: 1', 'Did you mean "skip_leading_rows:"?'],
    ['pg>: q.sql', 'store_last_result: first', 'Did you mean "store_last_results:"?'],
    ['http>: https://x.example', 'mehtod: POST', 'Did you mean "method:"?'],
    ['mail>: body.txt', 'subjetc: s', 'Did you mean "subject:"?'],
    ['wait>: 1s', 'blokcing: true', 'Did you mean "blocking:"?'],
    ['require>: w', 'rerun_no: all', 'Did you mean "rerun_on:"?'],
    ['sh>: run.sh', '_exprot: {a: 1}', 'Did you mean "_export:"?'],
    ['sh>: run.sh', '_retyr: 3', 'Did you mean "_retry:"?'],
    ['py>: a.b', '_paralel: true', 'Did you mean "_parallel:"?'],
    ['call>: sub.dig', 'day: today', '_export'],
    ['echo>: x', 'foo: bar', 'echo> has no options'],
  ])('%s, %s: the key is reported', (operator, line, advice) => {
    const { problems, warnings } = compile(`+a:\n  ${line}\n  ${operator}\n`)
    expect(problems).toEqual([])
    expect(placed(warnings)).toEqual(['OPTION_UNKNOWN 2:3'])
    expect(warnings[0]?.advice).toContain(advice)
  })

  test.each([
    'sh>: run.sh\n  table: orders',
    'py>: a.b\n  date: today\n  _workdir: x',
    'rb>: a.b\n  any: thing',
    'param_set>:\n  name: value',
    'bq>: q.sql\n  bq: {dataset: d}',
    'bq>: {data: "select ${day}"}\n  day: today',
    'gcs_wait>: b/o\n  gcp: {project: p}',
    'echo>: ${greeting}\n  greeting: hi',
    'http>: https://x.example\n  content: {day: "${day}"}\n  day: today',
    'my.own>: x\n  anything: y',
  ])('%j: what an expression, a script or a file may use is no mistake', (text) => {
    const { problems, warnings } = compile(`+a:\n  ${text}\n`)
    expect(
      [...problems, ...warnings]
        .map(({ code }) => code)
        .filter((code) => code !== 'OPERATOR_UNKNOWN'),
    ).toEqual([])
  })

  const known: Readonly<Record<string, string>> = {
    bq: 'q.sql',
    bq_ddl: '',
    bq_extract: 'd.t',
    bq_load: 'gs://b/o',
    call: 'sub/c.dig',
    echo: 'x',
    fail: 'x',
    for_each: '{n: [1]}',
    for_range: '{from: 1, to: 2}',
    gcs_wait: 'b/o',
    http: 'http://h',
    http_call: 'http://h',
    if: 'true',
    loop: '1',
    mail: 'q.sql',
    notify: 'x',
    pg: 'q.sql',
    require: 'w',
    wait: '1s',
  }

  test('every operator with options says at push which one it does not know', () => {
    // The others give what is beside them to code, to a file or to a store, under any name.
    const open = ['embulk', 'nop', 'param_get', 'param_set', 'py', 'rb', 'sh']
    expect([...Object.keys(known), ...open].sort()).toEqual([...operatorTable.keys()].sort())
    for (const [operator, command] of Object.entries(known)) {
      const text = `+a:\n  frobnicate: 7\n  ${operator}>: ${command}\n  _do: {}\n`
      const { warnings } = compile({ 'a.dig': text, 'q.sql': 'select 1', 'sub/c.dig': '' })
      expect([operator, placed(warnings)]).toEqual([
        operator,
        expect.arrayContaining(['OPTION_UNKNOWN 2:3']),
      ])
    }
  })

  test('a parameter that the rendered file names is no option, and no mistake', () => {
    const files = { 'a.dig': '', 'sub/q.sql': 'select ${word} from t', 'p.sql': 'select word' }
    const codes = (text: string) => compile({ ...files, 'a.dig': text }).warnings
    expect(codes('+a: {bq>: sub/q.sql, word: w}')).toEqual([])
    expect(codes('+a: {_export: {_workdir: sub}, bq>: q.sql, word: w}')).toEqual([])
    expect(codes('+a: {pg>: "${folder}/q.sql", word: w}')).toEqual([])
    expect(codes('+a: {mail>: "${name}", word: w, subject: s, to: a@b}')).toEqual([])
    expect(
      codes('+a: {bq_load>: gs://b/o, destination_table: t, schema: sub/q.sql, word: w}'),
    ).toEqual([])
    for (const text of ['+a: {bq>: p.sql, word: w}', '+a: {bq>: "${f}/p.sql", word: w}']) {
      expect(codes(text).map(({ code }) => code)).toEqual(['OPTION_UNKNOWN'])
    }
    expect(codes('+a: {bq_extract>: sub/q.sql, word: w, destination: x}')).toHaveLength(1)
  })

  test('an option that only others know is reported, at the task and in an export', () => {
    const { warnings } = compile(
      '_export:\n  bq:\n    query_parameters: []\n  mail:\n    password: x\n+a:\n  bq>: {data: select 1}\n  dry_run: true\n',
    )
    expect(placed(warnings)).toEqual([
      'OPTION_UNKNOWN 3:5',
      'OPTION_UNKNOWN 5:5',
      'OPTION_UNKNOWN 8:3',
    ])
    expect(warnings.at(-1)?.advice).toBe(
      'Others know "dry_run:", bq> does not, and nothing is done by it: take it out.',
    )
  })

  test('a key below an exported bq or pg is an option, or named somewhere', () => {
    const text =
      '_export:\n  bq:\n    dataset: d\n    my_table: t\n    frobnicate: 1\n    from_sql: 2\n  pg:\n    database: d\n    blank: 1\n+a: {echo>: "${bq.my_table}"}\n'
    const { warnings } = compile({ 'a.dig': text, 'q.sql': 'select ${bq.from_sql}' })
    expect(placed(warnings)).toEqual(['OPTION_UNKNOWN 5:5', 'OPTION_UNKNOWN 9:5'])
    expect(warnings.map(({ message }) => message).join()).toContain(
      `Parameter 'frobnicate' below "bq:" is no option of bq>, bq_ddl>, bq_extract>, bq_load>`,
    )
  })

  test("exported parameters are nobody's mistake, but for the options of operators", () => {
    const { warnings } = compile(
      '_export:\n  anything: 1\n  bq:\n    dataste: d\n    location: EU\n  sh: {shel: x}\n  http: {timout: 5}\n+a: {echo>: x}\n',
    )
    expect(placed(warnings)).toEqual(['OPTION_UNKNOWN 4:5', 'OPTION_UNKNOWN 7:10'])
  })

  test.each(['echo', 'call', 'for_each', 'require', 'wait'])(
    '%s> with nothing after it is reported',
    (operator) => {
      const { problems, warnings } = compile(`+a:\n  ${operator}>:\n  _do: {}\n`)
      expect(problems).toEqual([])
      expect(warnings.map(({ code }) => code)).toContain('OPERATOR_COMMAND')
    },
  )
})
