import { expect, test } from 'vitest'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { logFileName, presentLogFile, taskOfLogFile } from './log.ts'

const file = {
  id: 12,
  fullName: '+main+first',
  agent: '7517@vm',
  createdAt: new Date(0x6b057a24 * 1000 + 277),
}

test("a log file's name has Digdag's form", () => {
  expect(logFileName(file)).toMatch(/^\+main\+first@6b057a24[0-9a-f]{8}\.7517@vm\.log\.gz$/)
})

test('two files of one task in the same millisecond have different names, in order', () => {
  const names = [file, { ...file, id: 13 }].map(logFileName)
  expect(new Set(names).size).toBe(2)
  expect(names.toSorted()).toEqual(names)
})

test('files have their times in the order they were begun, within a second and a millisecond too', () => {
  const at = (id: number, millis: number) =>
    presentLogFile({
      ...file,
      id,
      attemptId: 1 as AttemptId,
      taskId: 1 as TaskId,
      createdAt: new Date(file.createdAt.getTime() + millis),
      size: 1,
    }).fileTime
  const times = [at(12, 0), at(13, 0), at(11, 1), at(14, 722), at(15, 723)]
  expect(times.toSorted()).toEqual(times)
  expect(new Set(times).size).toBe(times.length)
  expect(times[0]).toBe(`${file.createdAt.toISOString().slice(0, -1)}000012Z`)
})

test("a file's name gives its task, one with an @ in its name by a start of it", () => {
  expect(taskOfLogFile(logFileName(file))).toBe('+main+first')
  expect(taskOfLogFile(logFileName({ ...file, fullName: '+main+a@b' }))).toBe('+main+a@b')
  expect(taskOfLogFile('nothing of the kind')).toBe('')
})
