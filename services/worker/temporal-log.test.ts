import { expect, test } from 'vitest'
import { createLog, type LogLevel } from '#services/shared/log.ts'
import { temporalLog } from './temporal-log.ts'

function logAt(level: LogLevel) {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  const log = temporalLog(createLog({ part: 'worker', level, to }))
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

test('what Temporal says of an activity names the attempt and the task, and counts its calls', () => {
  const { log, last } = logAt('info')
  log.warn('Activity failed', {
    ...{ attempt: 3, workflowId: 'attempt-12', activityType: 'runTask', task: 345 },
    ...{ taskToken: 'a-token', error: new Error('no connection') },
  })
  expect(last()).toMatchObject({
    ...{ level: 'warn', part: 'worker', attempt: 12, call: 3, task: 345, activityType: 'runTask' },
    ...{ err: { message: 'no connection' }, msg: 'Activity failed' },
  })
  expect(last()).not.toHaveProperty('taskToken')
  expect(last()).not.toHaveProperty('error')
})

test('a branch is of its attempt; what is of none has none', () => {
  const { log, last } = logAt('info')
  log.info('Workflow', {
    workflowId: 'shops/daily/2026-11-24T00:00:00+09:00/attempt-12/branch-3-0-0',
  })
  expect(last()).toMatchObject({ attempt: 12 })
  log.info('Schedule', { workflowId: 'schedule-5', attempt: 1 })
  expect(last()).not.toHaveProperty('attempt')
  log.info('State changed')
  expect(last()).toMatchObject({ level: 'info', msg: 'State changed' })
})

test('the level of the setting holds for Temporal too', () => {
  const { log, lines } = logAt('warn')
  for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const) log.log(level, level)
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['WARN', 'ERROR'])
})
