import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('the database is the only setting that a worker cannot do without', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://localhost/suiro' })
  expect(config.temporal).toMatchObject({ address: '127.0.0.1:7233', namespace: 'default' })
  expect(config.containers).toBe('none')
  expect(config.logLevel).toBe('info')
  expect(config.queues).toEqual(['control', 'bigquery', 'transfer', 'command', 'notify'])
})

test('all mistakes are reported at once, each with its variable', () => {
  const read = () =>
    readConfig({
      SUIRO_TASK_QUEUES: 'bigquery,nonsense',
      SUIRO_WORKER_PORT: '99999',
      SUIRO_SECRET_KEY: 'c2hvcnQ=',
      SUIRO_CONTAINERS: 'podman',
      SUIRO_LOG_LEVEL: 'loud',
    })
  for (const name of [
    'DATABASE_URL',
    'SUIRO_TASK_QUEUES',
    'SUIRO_WORKER_PORT',
    'SUIRO_SECRET_KEY',
    'SUIRO_CONTAINERS',
    'SUIRO_LOG_LEVEL',
  ]) {
    expect(read).toThrow(name)
  }
})

test('a worker can serve some of the task queues only', () => {
  const env = { DATABASE_URL: 'postgres://localhost/suiro', SUIRO_TASK_QUEUES: 'command, transfer' }
  expect(readConfig(env).queues).toEqual(['transfer', 'command'])
})

test('whom commands run as is never root', () => {
  const taskUser = (text: string) =>
    readConfig({ DATABASE_URL: 'postgres://db/suiro', SUIRO_TASK_USER: text }).taskUser
  expect(taskUser('none')).toBe('none')
  expect(taskUser('1001')).toEqual({ uid: 1001, gid: 1001 })
  expect(taskUser('1001:1002')).toEqual({ uid: 1001, gid: 1002 })
  for (const wrong of ['0', 'root', '1001:0', '-1']) {
    expect(() => taskUser(wrong)).toThrow('SUIRO_TASK_USER must be none')
  }
})
