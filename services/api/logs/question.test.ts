import { expect, test } from 'vitest'
import type { TaskId } from '#workflows/domain/ids.ts'
import { readQuestion, type LogQuery } from './question.ts'

const task_id = 1 as TaskId

test.each<[LogQuery, RegExp]>([
  [{ task: '+a', task_id }, /task and task_id/],
  [{ offset: 1 }, /task_id/],
  [{ task: '+a', limit: 1 }, /task_id/],
  [{ task_id, tail: 1, offset: 1 }, /tail cannot be given with offset/],
  [{ task_id, tail: 1, limit: 1 }, /tail cannot be given with offset/],
  [{ task_id, follow: true, limit: 1 }, /follow cannot be given with limit/],
  [{ search: 'a', follow: true }, /search cannot be given with follow/],
  [{ search: 'a', tail: 1 }, /search cannot be given with follow, tail/],
  [{ search: 'a\nb' }, /end of a line/],
  [{ ignore_case: true }, /go with search/],
  [{ max_matches: 1 }, /go with search/],
])('%j is refused with a sentence', (query, sentence) => {
  expect(() => readQuestion(query)).toThrow(sentence)
})

test('what goes together is one question', () => {
  expect(readQuestion({})).toEqual({ kind: 'slice', offset: 0 })
  expect(readQuestion({ task_id, offset: 2, limit: 3 })).toEqual({
    kind: 'slice',
    offset: 2,
    limit: 3,
  })
  expect(readQuestion({ tail: 5, follow: true })).toEqual({ kind: 'follow', offset: 0, tail: 5 })
  expect(readQuestion({ task_id, search: 'a', ignore_case: true, offset: 7 })).toEqual({
    kind: 'search',
    wanted: 'a',
    ignoreCase: true,
    most: 1000,
    offset: 7,
  })
})
