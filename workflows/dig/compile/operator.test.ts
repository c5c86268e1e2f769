import { describe, expect, test } from 'vitest'
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
    'bq>: q.sql\n  date: today\n  table: orders',
    'bq>: q.sql\n  bq: {dataset: d}',
    'pg>: q.sql\n  database: d\n  since: yesterday',
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
