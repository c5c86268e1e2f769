import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { Part } from '../parts/part.ts'
import { keepRunning } from './keep-running.ts'

/** A real process as a part. */
function sleeper() {
  const children: ChildProcess[] = []
  const begin = async (): Promise<Part> => {
    const child = spawn('sleep', ['300'])
    children.push(child)
    const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
    return {
      name: 'Sleeper',
      address: `process ${child.pid}`,
      env: {},
      ended,
      stop: async () => {
        child.kill()
        await ended
      },
    }
  }
  const running = () =>
    children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  return { begin, children, running }
}

test('a part that dies is started again, and what happened is said', async () => {
  const { begin, children, running } = sleeper()
  const lines: string[] = []
  const part = await keepRunning({ begin, say: (line) => lines.push(line), logs: '/data/logs' })
  children[0]?.kill('SIGKILL')
  await vi.waitFor(() => expect(children).toHaveLength(2), 5000)
  await vi.waitFor(() => expect(lines).toHaveLength(2), 5000)
  expect(lines[0]).toBe(
    'Sleeper died (SIGKILL); its log is in /data/logs. Starting it again in 1 s …',
  )
  expect(lines[1]).toBe(`Sleeper is back: process ${children[1]?.pid}`)
  await part.stop()
  expect(running()).toEqual([])
})

test('stopped while it waits, it starts nothing any more', async () => {
  const { begin, children, running } = sleeper()
  const lines: string[] = []
  const part = await keepRunning({ begin, say: (line) => lines.push(line), logs: '/data/logs' })
  children[0]?.kill('SIGKILL')
  await vi.waitFor(() => expect(lines).toHaveLength(1), 5000)
  await part.stop()
  expect(children).toHaveLength(1)
  expect(running()).toEqual([])
})

test('one that dies too often is given up', async () => {
  const { begin, children } = sleeper()
  const part = await keepRunning({ begin, say: () => undefined, logs: '/data/logs', deaths: 1 })
  children[0]?.kill('SIGKILL')
  await vi.waitFor(() => expect(children).toHaveLength(2), 5000)
  children[1]?.kill('SIGKILL')
  expect(await part.ended).toBe('SIGKILL; it died 2 times within a minute')
  await part.stop()
})

test('a start that fails is tried again', async () => {
  const { begin, children, running } = sleeper()
  const lines: string[] = []
  let tries = 0
  const part = await keepRunning({
    begin: () => (++tries === 2 ? Promise.reject(new Error('the port is taken')) : begin()),
    say: (line) => lines.push(line),
    logs: '/data/logs',
  })
  children[0]?.kill('SIGKILL')
  await vi.waitFor(() => expect(lines).toHaveLength(3), 8000)
  expect(running()).toHaveLength(1)
  expect(lines[1]).toContain(
    'the port is taken; its log is in /data/logs. Starting it again in 2 s',
  )
  await part.stop()
})
