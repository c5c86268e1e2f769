import { expect, test } from 'vitest'
import { transactionControl } from './transaction-control.ts'

test.each([
  ['commit', 'COMMIT'],
  ['insert into t values (1); COMMIT; insert into t values (2)', 'COMMIT'],
  ['begin; select 1; end', 'BEGIN'],
  ['select 1; /* a /* nested */ ; */ -- ;\n  End work ;', 'END'],
  ['start\n transaction isolation level serializable', 'START TRANSACTION'],
  ["select 'it''s'; rollback and chain", 'ROLLBACK'],
  ["select E'\\'; select 1'; abort", 'ABORT'],
  ["prepare transaction 'x'", 'PREPARE TRANSACTION'],
  ['select $a$ ; $b$ ; $a$; commit', 'COMMIT'],
  [
    'create function f() returns int begin atomic select case when true then 1 end; end; commit',
    'COMMIT',
  ],
])('%s', (sql, found) => {
  expect(transactionControl(sql)).toBe(found)
})

test.each([
  '',
  "insert into t values ('; commit;')",
  'select 1 as "x; commit"',
  'select $$ ; commit; $$, $x$; commit;$x$',
  'do $$ begin perform 1; end $$',
  'create function f() returns int language plpgsql as $body$ begin return 1; end $body$',
  'create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 1',
  'savepoint a; rollback to a; rollback work to savepoint a; release a',
  '-- ; commit\n/* ; commit */ select 1',
  'select a.commit, begin from t; prepare p as select 1',
  "select e'\\\\', '; commit'",
  'select $1; select a$b$c',
])('nothing in %s', (sql) => {
  expect(transactionControl(sql)).toBeUndefined()
})
