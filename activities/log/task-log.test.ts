import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Logs } from '#store/logs.ts'
import { createStage, type Played, type Stage } from '../testing/play.ts'
import { createMask } from '../secrets/mask.ts'
import { createTaskLog } from './task-log.ts'

let stage: Stage
let played: Played
beforeAll(async () => {
  stage = await createStage()
  played = await stage.play({ 'case.dig': '+a: {echo>: 1}\n+b: {wait>: 1s}' })
})
afterAll(() => stage.close())

const options = (logs: Logs = stage.store.logs) => {
  const { attempt } = played
  const task = played.task('+case+b')
  const place = {
    projectName: attempt.projectName,
    sessionId: attempt.sessionId,
    attemptId: attempt.id,
    taskId: task.id,
    fullName: `+case+b+${Math.random()}`,
    run: 12_345,
  }
  const now = (): Date => new Date('2026-11-24T11:51:01.563Z')
  return { logs, place, agent: 'test@here', mask: createMask().text, now }
}
const textOf = async (fullName: string): Promise<string | undefined> => {
  const [file] = await stage.store.logs.files(played.attempt.id, fullName)
  return file && stage.store.logs.text(file.id)
}

describe('a task’s log', () => {
  test('holds our lines in Digdag’s format, and the task’s own as they are', async () => {
    const given = options()
    const log = createTaskLog(given)
    log.say('INFO', 'echo>: hello')
    log.write('hello')
    log.write('two\nlines\n')
    await log.close()
    const { sessionId, id } = played.attempt
    const { fullName } = given.place
    expect(await textOf(fullName)).toBe(
      `2026-11-24 11:51:01.563 +0000 [INFO] (2345@[0:demo:${sessionId}:${id}]${fullName}) suiro: echo>: hello\nhello\ntwo\nlines\n`,
    )
  })

  test('of a silent run leaves no file', async () => {
    const given = options()
    await createTaskLog(given).close()
    expect(await textOf(given.place.fullName)).toBeUndefined()
  })

  test('takes secrets out, also those in several lines or inside JSON', async () => {
    const mask = createMask()
    mask.add('pass"word')
    mask.add('-----BEGIN KEY-----\nMIIEvQIBADANBg\n')
    mask.add('ab')
    const given = { ...options(), mask: mask.text }
    const log = createTaskLog(given)
    log.write('pass"word pass\\"word MIIEvQIBADANBg about')
    await log.close()
    expect(await textOf(given.place.fullName)).toBe('*** *** *** about\n')
  })

  test('longer than a piece is kept whole', async () => {
    const given = options()
    const log = createTaskLog(given)
    const text = Array.from({ length: 60_000 }, (_, i) => `line ${i}`).join('\n')
    log.write(text)
    log.write('the end')
    await log.close()
    expect(await textOf(given.place.fullName)).toBe(`${text}\nthe end\n`)
  })
})

describe('while the task runs', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A store that can be away. */
  const flaky = () => {
    const chunks: string[] = []
    const state = { away: false }
    const logs: Logs = {
      ...stage.store.logs,
      async open() {
        if (state.away) throw new Error('away')
        return { id: 1 } as never
      },
      async append(_file, seq, text) {
        if (state.away) throw new Error('away')
        chunks[seq] ??= text
      },
    }
    return { logs, chunks, state }
  }

  test('lines are written after a second', async () => {
    const { logs, chunks } = flaky()
    const log = createTaskLog(options(logs))
    log.write('one')
    log.write('two')
    await vi.advanceTimersByTimeAsync(900)
    expect(chunks).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(chunks).toEqual(['one\ntwo\n'])
    log.write('three')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(chunks).toEqual(['one\ntwo\n', 'three\n'])
    await log.close()
  })

  test('a store that is away for a while loses nothing', async () => {
    const { logs, chunks, state } = flaky()
    const log = createTaskLog(options(logs))
    state.away = true
    log.write('one')
    await vi.advanceTimersByTimeAsync(1_500)
    state.away = false
    log.write('two')
    await vi.advanceTimersByTimeAsync(1_500)
    expect(chunks).toEqual(['one\ntwo\n'])
    state.away = true
    log.write('three')
    await expect(log.close()).rejects.toThrow('away')
  })
})
