import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { livingWith } from '../../testing/living.ts'
import { inheritedEnvironment } from '../environment.ts'
import { runCommand, type Command } from './process.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suiro-command-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Started {
  readonly code: Promise<number>
  readonly abort: (reason: Error) => void
  readonly output: () => string
  readonly until: (text: string) => Promise<void>
}

function start(script: string, over: Partial<Command> = {}): Started {
  const controller = new AbortController()
  let output = ''
  const code = runCommand({
    command: ['/bin/sh', '-c', script],
    cwd: folder,
    env: inheritedEnvironment(),
    onOutput: (text) => void (output += text),
    signal: controller.signal,
    graceMilliseconds: 400,
    ...over,
  })
  code.catch(() => undefined)
  return {
    code,
    abort: (reason) => controller.abort(reason),
    output: () => output,
    until: (text) => vi.waitFor(() => expect(output).toContain(text), patient),
  }
}

/** How long a busy machine may take, in all. */
const patient = { timeout: 30_000, interval: 10 }

/** Something that writes to a file as long as it lives. */
const ticking = (file: string): string =>
  `while :; do echo x >> ${join(folder, file)}; sleep 0.02; done`

/** Waits until nothing is left that ticked; it never ends by itself, and must have begun. */
async function stopped(file: string): Promise<void> {
  const path = join(folder, file)
  expect(await readFile(path, 'utf8')).not.toBe('')
  await vi.waitFor(async () => expect(await livingWith(`>> ${path};`)).toEqual([]), patient)
}

describe('a command', () => {
  test('ends with its exit code, or 128 and the signal that ended it', async () => {
    await expect(start('exit 0').code).resolves.toBe(0)
    await expect(start('exit 4').code).resolves.toBe(4)
    await expect(start('kill -9 $$').code).resolves.toBe(137)
  })

  test('has stdout and stderr in one log, in the order they were printed', async () => {
    const script = 'for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done'
    const { code, output } = start(script)
    await code
    const pairs = [1, 2, 3, 4, 5].map((n) => `out ${n}\nerr ${n}\n`)
    expect(output()).toBe(pairs.join(''))
  })

  test('may open its output anew by name, as any program started by a shell may', async () => {
    const { code, output } = start(
      'echo one > /dev/stderr; echo two >> /dev/stdout; echo three > /proc/self/fd/1',
    )
    await expect(code).resolves.toBe(0)
    expect(output()).toBe('one\ntwo\nthree\n')
  })

  test('waits while its output is not taken', async () => {
    const room = Promise.withResolvers<void>()
    let taken = 0
    const { code } = start('head -c 20000000 /dev/zero; echo; touch all-printed', {
      onOutput(text) {
        taken += text.length
        return room.promise
      },
    })
    while (taken === 0) await sleep(10)
    // The pipe holds some of it, and nobody reads on.
    expect(taken).toBeLessThan(1_000_000)
    expect(await readFile(join(folder, 'all-printed')).catch(() => 'not there')).toBe('not there')
    room.resolve()
    await expect(code).resolves.toBe(0)
    expect(taken).toBe(20_000_001)
  })

  test('fails, and nothing else does, when its output cannot be taken', async () => {
    const { code } = start('yes', {
      onOutput() {
        throw new RangeError('Invalid string length')
      },
    })
    await expect(code).rejects.toThrow(
      'The output of "/bin/sh" cannot be read any more: RangeError: Invalid string length',
    )
    const later = start('yes', { onOutput: () => Promise.reject(new Error('gone')) })
    await expect(later.code).rejects.toThrow('cannot be read any more: Error: gone')
  })

  test('is logged while it runs, in whole lines and whole characters', async () => {
    const pieces: string[] = []
    const script = String.raw`echo first; printf 'a\303'; sleep 0.1; printf '\244b\nlast'`
    await start(script, { onOutput: (text) => void pieces.push(text) }).code
    expect(pieces).toEqual(['first\n', 'aäb\n', 'last'])
    const long = start('echo early; sleep 5')
    await long.until('early')
    long.abort(new Error('seen'))
    await expect(long.code).rejects.toThrow('seen')
  })

  test('has not ended before those it left running have closed their output', async () => {
    const { code, output } = start('(sleep 0.3; echo late) & echo first')
    await expect(code).resolves.toBe(0)
    expect(output()).toBe('first\nlate\n')
  })

  test('takes along what it left running', async () => {
    const run = start(
      `(${ticking('left')}) > /dev/null 2>&1 & until [ -s left ]; do sleep 0.01; done; echo done`,
    )
    await run.code
    await stopped('left')
    expect(run.output()).toMatch(
      /^done\nleft running in the background and ended with the task: .*What must go on/,
    )
  })

  test('that leaves nothing running says nothing of it', async () => {
    const run = start('(sleep 0.1) & sleep 0.2 & wait; echo done')
    await run.code
    expect(run.output()).toBe('done\n')
  })

  test.skipIf(process.platform !== 'linux').each([
    ['a session of its own', (tick: string) => `setsid sh -c '${tick}' > /dev/null 2>&1 &`],
    [
      'a session of its own, left by its parent',
      (tick: string) => `(setsid sh -c '(${tick}) &' > /dev/null 2>&1 &);`,
    ],
  ])('takes along what went to %s', async (name, leave) => {
    const file = `gone-${name.length}`
    await start(`${leave(ticking(file))} until [ -s ${file} ]; do sleep 0.05; done`).code
    await stopped(file)
    const run = start(`${leave(ticking(`${file}-k`))} echo ready; sleep 20`)
    await run.until('ready')
    while (!(await readFile(join(folder, `${file}-k`), 'utf8').catch(() => ''))) await sleep(10)
    run.abort(new Error('killed'))
    await expect(run.code).rejects.toThrow('killed')
    await stopped(`${file}-k`)
  })

  test('that is not installed is named', async () => {
    const missing = (command: readonly string[]): Promise<number> => start('', { command }).code
    await expect(missing(['no-such-program'])).rejects.toThrow(
      'Cannot run program "no-such-program": it is not installed on this worker',
    )
    await writeFile(join(folder, 'plain'), 'echo no', { mode: 0o644 })
    await expect(missing(['./plain'])).rejects.toThrow('it is not installed')
    await writeFile(join(folder, 'tool'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
    await expect(missing(['./tool'])).resolves.toBe(3)
  })

  test('whose environment is too large says so', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`P${n}`, 'x'.repeat(100_000)]),
    )
    await expect(start('true', { env: many }).code).rejects.toThrow(
      'the parameters together are too large for its environment',
    )
  })
})

test('a command does not outlive its worker', async () => {
  const worker = `
    import { runCommand } from ${JSON.stringify(new URL('./process.ts', import.meta.url).href)}
    const run = (script) => runCommand({
      command: ['/bin/sh', '-c', script], cwd: ${JSON.stringify(folder)}, env: process.env,
      onOutput: (text) => process.stdout.write(text), signal: new AbortController().signal,
    })
    await run('echo first')
    void run(${JSON.stringify(`echo ready; ${ticking('orphan-1')}`)})
    void run(${JSON.stringify(`(${ticking('orphan-2')}) & echo ready; wait`)})
    void run(${JSON.stringify(`setsid sh -c '${ticking('orphan-3')}' & echo ready; wait`)})
    await run('echo last; exit 3')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', worker])
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await vi.waitFor(() => expect(output.match(/first|ready|last/g)).toHaveLength(5), patient)
  child.kill('SIGKILL')
  const linux = process.platform === 'linux' ? ['orphan-3'] : []
  for (const file of ['orphan-1', 'orphan-2', ...linux]) await stopped(file)
})

describe('a command that is aborted', () => {
  test('may end in its own way, and throws the reason whatever it made of it', async () => {
    // A signal between a shell's fork and its becoming `sleep` would be lost, and the grace waited for.
    const begun = 'while [ -e /proc/$!/comm ] && ! grep -q sleep /proc/$!/comm; do :; done'
    const run = start(`trap 'echo bye; exit 0' TERM; sleep 600 & ${begun}; echo ready; wait`, {
      graceMilliseconds: 600_000,
    })
    await run.until('ready')
    run.abort(new Error('killed'))
    // In less than its grace, which is longer than a test may take.
    await expect(run.code).rejects.toThrow('killed')
    expect(run.output()).toBe('ready\nbye\n')
  })

  test('is waited for with all it started, as long as the grace lasts', async () => {
    // The shell itself dies at once; its child has something to finish.
    const child = `trap 'sleep 0.5; echo finished >> finished; exit' TERM; echo ready; ${ticking('child')}`
    const run = start(`sh -c "${child}"; echo never`, { graceMilliseconds: 10_000 })
    await run.until('ready')
    await vi.waitFor(() => readFile(join(folder, 'child')), patient)
    run.abort(new Error('killed'))
    await expect(run.code).rejects.toThrow('killed')
    await expect(readFile(join(folder, 'finished'), 'utf8')).resolves.toBe('finished\n')
    await stopped('child')
  })

  test('is ended with all it started when it will not listen', async () => {
    const run = start(`trap '' TERM; (trap '' TERM; ${ticking('deaf')}) & echo ready; sleep 20`)
    await run.until('ready')
    await vi.waitFor(() => readFile(join(folder, 'deaf')), patient)
    const began = Date.now()
    run.abort(new Error('killed'))
    await expect(run.code).rejects.toThrow('killed')
    expect(Date.now() - began).toBeGreaterThanOrEqual(400)
    await stopped('deaf')
  })

  test('does not wait for one that left its group and holds the output open', async () => {
    const leave = 'import os, time; os.setsid(); print("left", flush=True); time.sleep(20)'
    const run = start(`python3 -c '${leave}' & sleep 20`)
    await run.until('left')
    const began = Date.now()
    run.abort(new Error('killed'))
    await expect(run.code).rejects.toThrow('killed')
    expect(Date.now() - began).toBeLessThan(15_000)
  })

  test('before its start is not started', async () => {
    const signal = AbortSignal.abort(new Error('killed'))
    await expect(start('echo x > started', { signal }).code).rejects.toThrow('killed')
    await expect(readFile(join(folder, 'started'))).rejects.toThrow('ENOENT')
  })
})
