import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TestTask } from '../testing/operator-context.ts'
import { createDockerExecutor } from './docker/docker-executor.ts'
import { createLocalExecutor } from './local/local-executor.ts'
import type { CommandExecutor, Found, Place, PlaceRequest } from './place.ts'
import { runInPlace } from './run-in-place.ts'
import { playDocker, requestOf, type TestRequest } from './testing/executors.ts'
import { createPodExecutor } from './testing/pods.ts'

// What every implementation of places is held to: a new one is one more line here.

const implementations: readonly {
  readonly name: string
  readonly create: () => CommandExecutor
  readonly prepare: () => Promise<unknown>
  readonly over: Partial<PlaceRequest>
}[] = [
  {
    name: 'a process of the worker',
    create: () => createLocalExecutor(),
    prepare: () => Promise.resolve(),
    over: {},
  },
  {
    name: 'a container of docker',
    create: createDockerExecutor,
    prepare: playDocker,
    over: { container: { image: 'debian:13' } },
  },
  {
    name: 'a pod that has no file in common with the worker',
    create: createPodExecutor,
    prepare: () => Promise.resolve(),
    over: {},
  },
]

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-place-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const env = { PATH: '/usr/local/bin:/usr/bin:/bin' }

describe.each(implementations)('$name', ({ create, prepare, over }) => {
  let executor: CommandExecutor
  beforeEach(async () => {
    await prepare()
    executor = create()
  })

  const request = (more: Partial<PlaceRequest> = {}, task: TestTask = {}): TestRequest =>
    requestOf({ ...over, ...more }, task)
  const open = (more: Partial<PlaceRequest> = {}, task: TestTask = {}): Promise<Place> =>
    executor.open(request(more, task))
  const shell = (script: string, ...args: readonly string[]) => ({
    command: ['/bin/sh', '-c', script, 'sh', ...args],
    env,
  })
  /** What is read after a script that gets the output's path as $1. */
  const left = async (script: string, mostBytes = 1000): Promise<Found> => {
    const place = await open({ outputs: ['out.json'] })
    expect(await place.run(shell(script, place.output('out.json')))).toBe(0)
    const found = await place.read('out.json', mostBytes)
    await place.close()
    return found
  }

  test('hands files in and out, and says what the command prints', async () => {
    const asked = request({ outputs: ['out.json'] }, { files: { 'of-project.txt': 'project' } })
    const place = await executor.open(asked)
    const text = await place.put('in.txt', 'given ünï')
    const bytes = await place.put('in.bin', Buffer.from([0, 255, 10]))
    const script = 'cat "$1" of-project.txt; od -An -tx1 "$2" >&2; printf "left ü" > "$3"; exit 3'
    const code = await place.run(shell(script, text, bytes, place.output('out.json')))
    expect(code).toBe(3)
    expect(asked.context.output()).toBe('given ünïproject 00 ff 0a\n')
    expect(await place.read('out.json', 100)).toEqual({ kind: 'file', text: 'left ü' })
    await place.close()
  })

  test('puts files that nobody else can read', async () => {
    const asked = request()
    const place = await executor.open(asked)
    await place.run(shell('stat -c %a "$1"', await place.put('secret', 'x')))
    expect(asked.context.output()).toBe('600\n')
    await place.close()
  })

  test('takes what it put with it when it is closed', async () => {
    const asked = request()
    const place = await executor.open(asked)
    const file = await place.put('secret', 'x')
    await place.close()
    const later = await executor.open(asked)
    await later.run(shell('cat "$1" 2> /dev/null || echo gone', file))
    expect(asked.context.output()).toBe('gone\n')
    await later.close()
  })

  test('runs in a folder of the project, which is given as the command sees it', async () => {
    const files = { 'in/here.txt': 'found' }
    const asked = request({ workdir: 'in' }, { files })
    const place = await executor.open(asked)
    expect(await place.run(shell('[ "$PWD" = "$1" ] && cat here.txt', place.cwd))).toBe(0)
    expect(asked.context.output()).toBe('found\n')
    await place.close()
    await expect(open({ workdir: '..' }, { files })).rejects.toThrow('is outside of the project')
    await expect(open({ workdir: '/tmp' }, { files })).rejects.toThrow('is outside of the project')
    await expect(open({ workdir: 'in/here.txt' }, { files })).rejects.toThrow('is not a folder')
  })

  test('gives the command its variables, and answers 128 and the signal that ended it', async () => {
    const asked = request()
    const place = await executor.open(asked)
    const code = await place.run({
      ...shell('echo "$MINE"; kill -9 $$'),
      env: { ...env, MINE: 'line 1\nline 2' },
    })
    expect(code).toBe(137)
    expect(asked.context.output()).toBe('line 1\nline 2\n')
    await place.close()
  })

  test('finds the first program that is there', async () => {
    const asked = request()
    const place = await executor.open(asked)
    const begin = await place.firstOf(['no-such-program', 'printf', 'echo'], env)
    await place.run({ command: [...begin, '%s\\n', 'printed'], env })
    expect(asked.context.output()).toBe('printed\n')
    await place.close()
  })

  test.each([
    '../up',
    'a/b',
    '/etc/passwd',
    '',
    '.',
    '..',
    '.hidden',
    'a\0b',
    'n'.repeat(101),
    '-r',
  ])('refuses a file called %j', async (name) => {
    const place = await open()
    await expect(place.put(name, 'x')).rejects.toThrow('A file of a command cannot be called')
    expect(() => place.output(name)).toThrow('A file of a command cannot be called')
    await expect(place.read(name, 10)).rejects.toThrow('A file of a command cannot be called')
    await expect(open({ outputs: [name] })).rejects.toThrow('cannot be called')
    await place.close()
  })

  test('reads only what was named when it was opened', async () => {
    const place = await open({ outputs: ['out.json'] })
    await place.put('input.json', 'x')
    expect(() => place.output('input.json')).toThrow(
      'The file "input.json" is none of the command\'s outputs (out.json)',
    )
    await expect(place.read('input.json', 10)).rejects.toThrow("none of the command's outputs")
    await place.close()
  })

  describe('what a command left is', () => {
    const noPlainFile = { kind: 'refused', why: 'it is no plain file' }

    test('nothing, when there is none', async () => {
      expect(await left('true')).toEqual({ kind: 'nothing' })
      expect(await left(': > "$1"')).toEqual({ kind: 'file', text: '' })
    })

    test('read up to the limit, and refused beyond it', async () => {
      expect(await left('printf 12345 > "$1"', 5)).toEqual({ kind: 'file', text: '12345' })
      expect(await left('printf 123456 > "$1"', 5)).toEqual({
        kind: 'refused',
        why: 'it is larger than 5 bytes',
      })
      // Without its holes it is 8 TB.
      expect(await left('truncate -s 8T "$1"', 2 ** 20)).toEqual({
        kind: 'refused',
        why: 'it is larger than 1 MB',
      })
    })

    test.each([
      ['a folder', 'mkdir "$1"'],
      ['a pipe', 'mkfifo "$1"'],
      ['a link out of the place', 'ln -s /etc/passwd "$1"'],
      ['a link to a file beside it', 'echo x > "$1.other"; ln -s "$1.other" "$1"'],
      ['a link to nothing', 'ln -s nothing "$1"'],
      ['a link to itself', 'ln -s "$1" "$1"'],
      ['a device that has no end', 'ln -s /dev/zero "$1"'],
      [
        'a socket',
        'cd "$(dirname "$1")" && python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$(basename "$1")"',
      ],
    ])('refused, when it is %s', async (_, script) => {
      expect(await left(script)).toEqual(noPlainFile)
    })

    test('refused, when its folder leads elsewhere', async () => {
      const script =
        'dir=$(dirname "$1"); mkdir "$dir.other"; echo stolen > "$dir.other/out.json"; rm -r "$dir"; ln -s "$dir.other" "$dir"'
      expect(await left(script)).toEqual({
        kind: 'refused',
        why: 'its folder is gone or leads elsewhere',
      })
    })
  })

  test('prints while the command runs, and ends it when it is aborted', async () => {
    const asked = request()
    const place = await executor.open(asked)
    const running = place.run(
      shell('trap "echo stopped; exit 0" TERM; echo ready; sleep 60 & wait'),
    )
    running.catch(() => undefined)
    await vi.waitFor(() => expect(asked.context.output()).toBe('ready\n'), 20_000)
    asked.context.abort(new Error('killed'))
    await expect(running).rejects.toThrow('killed')
    expect(asked.context.output()).toBe('ready\nstopped\n')
    await place.close()
  })

  test('starts nothing that is aborted before', async () => {
    const asked = request({ outputs: ['out.json'] })
    const place = await executor.open(asked)
    asked.context.abort(new Error('killed'))
    const run = place.run(shell('echo x > "$1"', place.output('out.json')))
    await expect(run).rejects.toThrow('killed')
    expect(await place.read('out.json', 10)).toEqual({ kind: 'nothing' })
    await place.close()
  })

  test('has nothing to rejoin where nothing was begun, or where it has ended', async () => {
    const asked = request()
    expect(await executor.rejoin(asked)).toBe('gone')
    const place = await executor.open(asked)
    await place.run(shell('true'))
    await place.close()
    expect(await executor.rejoin(asked)).toBe('gone')
  })

  // Temporal holds the worker for lost and gives the task to the next, or to the same one again.
  test.each([
    ['the same try', 0],
    ['the next try', 1],
  ])(
    'never runs a command beside itself: %s, begun while the former one ends',
    async (_, retries) => {
      const identity = { sessionUuid: randomUUID(), taskId: 21 }
      const lock = join(await temporaryFolder(), 'lock')
      // Whoever runs has the lock, until the last of its processes is gone.
      const script =
        'exec 9> "$1"; flock -n 9 || exit 9; trap "sleep 0.5; exit 1" TERM; echo begun; [ "$2" = second ] || { sleep 60 & wait; }'
      const of = (which: string, task: TestTask) => {
        const asked = request({}, { identity, ...task })
        const end = runInPlace(executor, asked, () => Promise.resolve(shell(script, lock, which)))
        end.catch(() => undefined)
        return { asked, end }
      }
      const first = of('first', {})
      await vi.waitFor(() => expect(first.asked.context.output()).toBe('begun\n'), 20_000)
      const second = of('second', { retries })
      await sleep(100)
      first.asked.context.abort(new Error('moved'))
      // Moved by itself, or removed by the second.
      await first.end.catch(() => undefined)
      expect((await second.end).code).toBe(0)
      expect(second.asked.context.output()).toMatch(/begun\n$/)
    },
  )
})
