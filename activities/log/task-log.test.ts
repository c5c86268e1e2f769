import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logs } from '#store/logs.ts'
import { logText } from '#store/testing.ts'
import { createStage, type Played, type Stage } from '#harness/stage/play.ts'
import { createMask } from '../secrets/mask.ts'
import { createTaskLog } from './task-log.ts'

let stage: Stage
let played: Played
beforeAll(async () => {
  stage = await createStage()
  played = await stage.play({ 'case.dig': '+a: {echo>: 1}\n+b: {wait>: 1s}' })
})
afterAll(() => stage.close())

const options = (logs: Logs = stage.store.logs, mask = createMask()) => {
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
  return { logs, place, agent: 'test@here', mask, now }
}
/** 1 MiB, where a character takes two bytes. */
const mostWaiting = 2 ** 19

const textOf = async (fullName: string): Promise<string | undefined> => {
  const [file] = await stage.store.logs.files(played.attempt.id, fullName)
  return file && logText(stage.store.logs, file.id)
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

  test('of a run that is made twice at a time is there once, also when the first dies on the way', async () => {
    const given = { ...options(), stepRun: 'of the test' }
    const [dies, first, second] = [1, 2, 3].map(() => createTaskLog(given))
    dies!.write('one')
    first!.write('one')
    await sleep(1_200)
    second!.write('one')
    for (const log of [dies, first, second]) log!.write('two')
    await Promise.all([first!.close(), second!.close()])
    expect(await textOf(given.place.fullName)).toBe('one\ntwo\n')
    expect(await stage.store.logs.files(played.attempt.id, given.place.fullName)).toHaveLength(1)
  })

  test('is as old as its first line, however long that waits', async () => {
    const [early, late] = [options(), options()]
    const [first, second] = [createTaskLog(early), createTaskLog(late)]
    first.write('begins')
    await sleep(400)
    second.write('begins later, ends earlier')
    await second.close()
    await first.close()
    const files = await stage.store.logs.files(played.attempt.id)
    const [before, after] = [early, late].map(
      ({ place }) => files.find(({ fullName }) => fullName === place.fullName)!.createdAt,
    )
    expect(after!.getTime() - before!.getTime()).toBeGreaterThan(300)
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
    const given = options(stage.store.logs, mask)
    const log = createTaskLog(given)
    log.write('pass"word pass\\"word MIIEvQIBADANBg about')
    await log.close()
    expect(await textOf(given.place.fullName)).toBe('*** *** *** about\n')
  })

  test('takes a secret out that comes in two pieces of a long line, or broken into lines', async () => {
    const mask = createMask()
    mask.add('a-secret-of-24-characters')
    const given = options(stage.store.logs, mask)
    const log = createTaskLog(given)
    // The second half comes when much of the first piece was written already.
    await log.print(`${'x'.repeat(300_000)}a-secret-of-`)
    await log.print(`24-characters${'y'.repeat(300_000)}\n`)
    log.write('a-secret-of-\n24-characters')
    await log.close()
    expect(await textOf(given.place.fullName)).toBe(
      `${'x'.repeat(300_000)}***${'y'.repeat(300_000)}\n***\n`,
    )
  })

  test('walks over a text of nothing but secrets a few times only', async () => {
    const mask = createMask()
    mask.add('aaaaaa')
    let walks = 0
    const counted = { ...mask, text: (text: string) => ((walks += 1), mask.text(text)) }
    const given = options(stage.store.logs, counted)
    const log = createTaskLog(given)
    await log.print('a'.repeat(2 ** 18))
    await log.close()
    expect(await textOf(given.place.fullName)).not.toContain('aaaaaa')
    expect(walks).toBeLessThan(200)
  })

  test('takes a secret out whose lines come seconds apart, and what is beside it', async () => {
    const mask = createMask()
    mask.add('first line of it\nsix\nfour')
    mask.add('it\nends')
    mask.add('begins-with-first')
    mask.add('fold-me-into-lines')
    const given = options(stage.store.logs, mask)
    const { fullName } = given.place
    const log = createTaskLog(given)
    const flushed = async (print: string, shown: string): Promise<void> => {
      log.write(print)
      await vi.waitFor(async () => expect(await textOf(fullName)).toBe(shown), 10_000)
    }
    await flushed('a line\nfirst line of it', 'a line\n')
    await sleep(1_500)
    log.write('six')
    await sleep(1_500)
    await flushed('four', 'a line\n***\n')
    // Where it turns out to be another text, that is written.
    log.write('first line of it')
    await flushed('seven', 'a line\n***\n***\nseven\n')
    // One that ends where another may begin.
    await flushed('begins-with-first\nlast', 'a line\n***\n***\nseven\n***\nlast\n')
    log.write('fold-me-')
    await sleep(1_500)
    log.write('into-lines')
    await log.close()
    expect(await textOf(fullName)).toBe('a line\n***\n***\nseven\n***\nlast\n***\n')
  }, 30_000)

  test('is never cut inside a character', async () => {
    const given = options()
    const log = createTaskLog(given)
    await log.print(`x${'\u{1F600}'.repeat(200_000)}\n`)
    await log.close()
    expect(await textOf(given.place.fullName)).toBe(`x${'\u{1F600}'.repeat(200_000)}\n`)
  })

  test('says where its limit was reached, and takes what we say beyond it', async () => {
    const given = { ...options(), mostBytes: 10 }
    const log = createTaskLog(given)
    expect(await log.print('123456789\n')).toBeUndefined()
    log.write('abc')
    for (let i = 0; i < 100_000; i += 1) await log.print('much more\n'.repeat(100))
    log.say('ERROR', 'it failed')
    await log.close()
    const lines = (await textOf(given.place.fullName))?.split('\n')
    expect(lines?.[0]).toBe('123456789')
    expect(lines?.[1]).toMatch(/WARN.* reached its limit of 10 bytes .*SUIRO_LOG_MAX_BYTES/)
    expect(lines?.[2]).toMatch(/ERROR.* it failed$/)
    expect(lines).toHaveLength(4)
  })

  test('ends at its limit of bytes, before a character that goes beyond it', async () => {
    const given = { ...options(), mostBytes: 10 }
    const log = createTaskLog(given)
    await log.print('äää\u{1F600}\u{1F600}\n')
    await log.close()
    expect((await textOf(given.place.fullName))?.split('\n')[0]).toBe('äää\u{1F600}')
  })

  test('longer than a piece is stored whole', async () => {
    const given = options()
    const log = createTaskLog(given)
    const text = Array.from({ length: 60_000 }, (_, i) => `line ${i}`).join('\n')
    await log.print(`${text}\n`)
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
      async append(_file, { seq, start }, text) {
        if (state.away) throw new Error('away')
        chunks[seq] ??= text
        return { seq: seq + 1, start: start + Buffer.byteLength(text) }
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

  test('a store that is away stops a program that prints without end, for as long', async () => {
    const { logs, chunks, state } = flaky()
    const log = createTaskLog(options(logs))
    state.away = true
    const piece = 'x'.repeat(63) + '\n'
    let printed = 0
    let room: Promise<void> | void = undefined
    while (room === undefined && printed < 2 ** 21) {
      room = log.print(piece.repeat(1_000))
      printed += 64_000
    }
    expect(printed).toBeLessThan(2 ** 20)
    let given = false
    void room?.then(() => (given = true))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(given).toBe(false)
    state.away = false
    await vi.advanceTimersByTimeAsync(1_000)
    await room
    await log.close()
    expect(chunks.join('')).toBe(piece.repeat(printed / 64))
  })

  test('those who print without waiting are not held in memory without end', async () => {
    const { logs, chunks, state } = flaky()
    const log = createTaskLog(options(logs))
    state.away = true
    for (let i = 0; i < 100; i += 1) log.write('x'.repeat(2 ** 20))
    state.away = false
    await log.close()
    expect(chunks.join('').length).toBeLessThanOrEqual(mostWaiting)
    expect(chunks.join('')).toMatch(/WARN.* prints faster than its log can be written.*\n$/)
  })

  test('what we say without end is not held in memory either, and the log says how much is missing', async () => {
    const { logs, chunks, state } = flaky()
    const log = createTaskLog(options(logs))
    state.away = true
    for (let i = 0; i < 100; i += 1) log.write('x'.repeat(2 ** 20))
    log.say('INFO', 'y'.repeat(10 * 2 ** 20))
    for (let i = 0; i < 10_000; i += 1) log.say('INFO', `line ${i}`)
    state.away = false
    await log.close()
    const lines = chunks.join('').split('\n')
    expect(lines.join('\n').length).toBeLessThanOrEqual(mostWaiting + 1_000)
    expect(lines.find((line) => line.includes('yyyy'))).toMatch(/y … and \d+ more characters$/)
    const said = lines.filter((line) => /suiro: line \d+$/.test(line)).length
    const missing = /(\d+) lines about the task found no room/.exec(lines.join('\n'))?.[1]
    expect(said).toBeGreaterThan(100)
    expect(said + Number(missing)).toBe(10_000)
  })

  test('a text of any length is taken a piece at a time, and none of it is lost', async () => {
    const { logs, chunks, state } = flaky()
    let longest = 0
    const mask = createMask()
    const counted = {
      ...mask,
      text(text: string) {
        longest = Math.max(longest, text.length)
        return mask.text(text)
      },
    }
    const log = createTaskLog(options(logs, counted))
    const text = `x${'\u{1F600}'.repeat(5_000_000)}\n`
    state.away = true
    const printed = Promise.resolve(log.print(text))
    await vi.advanceTimersByTimeAsync(10_000)
    state.away = false
    await vi.advanceTimersByTimeAsync(10_000)
    await printed
    await log.close()
    expect(longest).toBeLessThanOrEqual(mostWaiting)
    expect(chunks.join('') === text).toBe(true)
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
    expect(chunks.join('')).toEqual('one\ntwo\n')
    state.away = true
    log.write('three')
    await expect(log.close()).rejects.toThrow('away')
  })
})
