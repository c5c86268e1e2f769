import { beforeAll, describe, expect, test } from 'vitest'
import { createBq } from './bq.ts'
import { taskContext } from './testing/context.ts'
import { createDataset, engineDeps, projectId, rows } from './testing/engine.ts'

// The embedded engine's errors are brought into BigQuery's form (services/embedded/parts/bigquery_errors.py).

const bq = createBq(engineDeps())
let dataset: string

beforeAll(async () => {
  dataset = await createDataset()
  await rows(`CREATE TABLE ${dataset}.t AS SELECT 1 AS a, 'x' AS b, DATE '2026-03-05' AS day`)
})

/** BigQuery's sentence of a query that fails, without where it is in the task's SQL. */
async function failure(data: string): Promise<string> {
  const context = taskContext({ _command: { data }, dataset })
  const error = await bq.run(context).catch((thrown: unknown) => thrown)
  return (error as Error).message
    .split('\njob ')[0]!
    .replace(/ \((?:probably )?line \d.*$/s, '')
    .replaceAll(dataset, 'd')
}

const p = projectId

describe('a query that fails here reads as it would on BigQuery:', () => {
  test.each([
    // Syntax.
    ['SELEC 1', 'Syntax error: Unexpected identifier "SELEC" at [1:1]'],
    ['SELECT 1 FROM', 'Syntax error: Unexpected end of script at [1:14]'],
    ['SELECT a\nFROM t\nWHERE', 'Syntax error: Unexpected end of script at [3:6]'],
    ['SELECT a b c FROM t', 'Syntax error: Expected end of input but got identifier "c" at [1:12]'],
    ['SELECT * FRM t', 'Syntax error: Expected end of input but got identifier "FRM" at [1:10]'],
    ['SELECT (1 + 2 FROM t', 'Syntax error: Expected ")" but got keyword FROM at [1:15]'],
    ["INSERT INTO t VALUES (1, 'x'", 'Syntax error: Expected ")" but got end of script at [1:29]'],
    ['SELECT a FROM t WHERE a = = 1', 'Syntax error: Unexpected "=" at [1:27]'],
    ["SELECT 'abc FROM t", 'Syntax error: Unclosed string literal at [1:8]'],
    // Columns.
    ['SELECT\n  amuont\nFROM t', 'Unrecognized name: amuont at [2:3]'],
    ['SELECT\ta,\tamuont FROM t', 'Unrecognized name: amuont at [1:17]'],
    ['SELECT 1 AS n FROM t ORDER BY nope', 'Unrecognized name: nope at [1:31]'],
    ['SELECT x.amuont FROM t AS x', 'Name amuont not found inside x at [1:10]'],
    ['SELECT y.a FROM t AS x', 'Unrecognized name: y at [1:8]'],
    ['SELECT a FROM t, t AS u', 'Column name a is ambiguous at [1:8]'],
    ['INSERT INTO t (a, no) VALUES (1, 2)', 'Column no is not present in table t at [1:19]'],
    ['UPDATE t SET nope = 1 WHERE true', 'Unrecognized name: nope at [1:14]'],
    [
      'SELECT b, COUNT(*) FROM t',
      'SELECT list expression references column b which is neither grouped nor aggregated at [1:8]',
    ],
    // Functions.
    ['SELECT nofunc(a) FROM t', 'Function not found: nofunc at [1:8]'],
    // Types and values.
    [
      'SELECT a + b FROM t',
      'No matching signature for operator + for argument types: INT64, STRING at [1:8]',
    ],
    [
      'SELECT a, a = b FROM t',
      'No matching signature for operator = for argument types: INT64, STRING at [1:11]',
    ],
    [
      'SELECT SUM(b) FROM t',
      'No matching signature for function SUM for argument types: STRING at [1:8]',
    ],
    ['SELECT CAST(b AS INT64) FROM t', 'Bad int64 value: x'],
    ["SELECT CAST('x' AS FLOAT64)", 'Bad double value: x'],
    ["SELECT CAST('maybe' AS BOOL)", 'Bad bool value: maybe'],
    ["SELECT CAST('x' AS DATE)", "Invalid date: 'x'"],
    ["SELECT DATE '2026-13-01'", "Invalid date: '2026-13-01'"],
    ["SELECT CAST('x' AS TIMESTAMP)", "Invalid timestamp: 'x'"],
    [
      'INSERT INTO t VALUES (1)',
      'Inserted row has wrong column count; Has 1, expected 3 at [1:15]',
    ],
    ['UPDATE t SET a = 1', 'UPDATE must have a WHERE clause at [1:1]'],
    ['SELECT @p', "Query parameter 'p' not found at [1:8]"],
    // What shows only when it runs.
    ['SELECT a / (a - 1) FROM t', 'division by zero: 1 / 0'],
    ['SELECT MOD(a, 0) FROM t', 'division by zero: MOD(1, 0)'],
    ["SELECT ERROR('mine')", 'mine'],
    // Scripts: the place is in the whole text.
    ['SELECT 1;\nSELECT amuont FROM t;', 'Query error: Unrecognized name: amuont at [2:8]'],
    ['DECLARE x INT64;\n\nSET x = 1/0;', 'Query error: division by zero: 1 / 0 at [3:1]'],
    ['BEGIN\n  SELECT nofunc(1);\nEND;', 'Query error: Function not found: nofunc at [2:10]'],
    ['SELECT 1;\n  SELEC 2;', 'Syntax error: Unexpected identifier "SELEC" at [2:3]'],
    ["SELECT 1;\nRAISE USING MESSAGE = 'raised'", 'Query error: raised at [2:1]'],
    ["SELECT 1;\nEXECUTE IMMEDIATE 'SELECT no'", 'Query error: Unrecognized name: no at [2:1]'],
  ])('%s', async (sql, message) => {
    expect(await failure(sql)).toBe(`BigQuery invalidQuery: ${message}`)
  })

  test.each([
    [
      'SELECT a FROM nothere',
      `notFound: Not found: Table ${p}:d.nothere was not found in location US`,
    ],
    ['SELECT a FROM nods.t', `notFound: Not found: Dataset ${p}:nods was not found in location US`],
    [
      'CREATE TABLE nods.t AS SELECT 1 AS a',
      `notFound: Not found: Dataset ${p}:nods was not found in location US`,
    ],
    [
      'SELECT 1;\nSELECT a FROM nothere;',
      `notFound: Not found: Table ${p}:d.nothere was not found in location US at [2:1]`,
    ],
    ['CREATE TABLE t AS SELECT 1 AS a', `duplicate: Already Exists: Table ${p}:d.t`],
    [
      'SELECT a FROM `other-project`.d.t',
      'accessDenied: Access Denied: Table other-project:d.t: User does not have permission to query table other-project:d.t, or perhaps it does not exist.',
    ],
  ])('%s', async (sql, message) => {
    expect(await failure(sql)).toBe(`BigQuery ${message}`)
  })
})
