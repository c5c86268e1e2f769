import { expect, test } from 'vitest'
import { logFileName, taskOfLogFile } from './log.ts'

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
test("a file's name tells its task, one with an @ in its name by a start of it", () => {
  expect(taskOfLogFile(logFileName(file))).toBe('+main+first')
  expect(taskOfLogFile(logFileName({ ...file, fullName: '+main+a@b' }))).toBe('+main+a@b')
  expect(taskOfLogFile('nothing of the kind')).toBe('')
})
