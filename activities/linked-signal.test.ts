import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { linkSignals } from './linked-signal.ts'
import { longestRun, withLimit } from './task/interruption.ts'

test('a linked signal aborts with its sources, for their reasons, or by itself', () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const follows = linkSignals(first.signal, second.signal)
  second.abort('second')
  first.abort('first')
  expect(follows.signal.reason).toBe('second')

  const own = linkSignals(new AbortController().signal)
  own.abort('own')
  expect(own.signal.reason).toBe('own')
  expect(linkSignals(first.signal).signal.reason).toBe('first')
})

test('a released signal follows nobody', () => {
  const source = new AbortController()
  const linked = linkSignals(source.signal)
  linked.release()
  source.abort()
  expect(linked.signal.aborted).toBe(false)
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

// A worker's memory grew by some kilobytes with each task, since nobody took back what listened for its kill.
test('a run that has ended is forgotten, though somebody listened for its kill to the last', async () => {
  const worker = new AbortController()
  const run = (): WeakRef<object> => {
    const log = { lines: ['a'] }
    const limited = withLimit(worker.signal, longestRun)
    limited.signal.addEventListener('abort', () => log.lines.push('killed'), { once: true })
    limited.stop()
    return new WeakRef(log)
  }
  const runs = Array.from({ length: 50 }, run)
  await sleep(10)
  collect()
  expect(runs.filter((log) => log.deref() !== undefined)).toEqual([])
  expect(worker.signal.aborted).toBe(false)
})
