import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { livingWith } from '../../testing/living.ts'
import { outputName, runInPlace, type CommandEnd } from '../run-in-place.ts'
import { playDocker, requestOf, type PlayedDocker, type TestRequest } from '../testing/executors.ts'
import { createDockerExecutor } from './docker-executor.ts'

const executor = createDockerExecutor()
const container = { image: 'debian:13' }
const identity = { sessionUuid: '5e5510', taskId: 21 }
const env = { PATH: '/usr/local/bin:/usr/bin:/bin' }

let docker: PlayedDocker
beforeEach(async () => {
  docker = await playDocker()
})

const verbs = async (): Promise<readonly string[]> =>
  (await docker.calls()).map(([verb = '']) => verb)

const request = (retries = 0): TestRequest => requestOf({ container }, { identity, retries })

const run = (asked: TestRequest, script: string): Promise<CommandEnd> =>
  runInPlace(executor, asked, (place) =>
    Promise.resolve({ command: ['/bin/sh', '-c', script, 'sh', place.output(outputName)], env }),
  )

/** A worker in a process of its own that runs this script in a container, of the first try. */
async function worker(script: string) {
  const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { createRunFiles } from ${here('../../project/project-files.ts')}
    import { createConfig } from ${here('../../task/config.ts')}
    import { archiveOf } from ${here('../../testing/project.ts')}
    import { placeRequest, runInPlace, outputName } from ${here('../run-in-place.ts')}
    import { createDockerExecutor } from ${here('./docker-executor.ts')}
    const project = createRunFiles({ archive: () => archiveOf({ 'of-project.txt': 'project' }) })
    console.log(await project.directory())
    const request = placeRequest({
      task: { ...${JSON.stringify(identity)}, retries: 0 }, project,
      print: (text) => void process.stdout.write(text), signal: new AbortController().signal,
    }, createConfig({ docker: ${JSON.stringify(container)} }, new Set()), 'sh')
    await runInPlace(createDockerExecutor(), request, async (place) => ({
      command: ['/bin/sh', '-c', ${JSON.stringify(script)}, 'sh', place.output(outputName)],
      env: ${JSON.stringify(env)},
    }))
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  await vi.waitFor(() => expect(lines).toContain('ready'), 20_000)
  const [root = ''] = lines
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return {
    root,
    /** With all that it started, as when the worker's own container ends. */
    async lose() {
      child.kill('SIGSTOP')
      for (const pid of (await descendants(child.pid ?? 0)).toReversed()) end(pid)
    },
    /** Alone: those who watch over its commands live on. */
    die: () => child.kill('SIGKILL'),
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was about to end.
  }
}

/** A process and all below it. */
async function descendants(pid: number): Promise<readonly number[]> {
  const stats = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  )
  const children = stats
    .filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) === pid)
    .map(Number.parseFloat)
  return [pid, ...(await Promise.all(children.map(descendants))).flat()]
}

describe('a container whose worker was lost', () => {
  // Until somebody writes there, the command goes on.
  const mark = `go-on-${randomUUID()}`
  const waiting = (end: string): string =>
    `echo ready; until [ -e ${mark} ]; do sleep 0.05; done; echo late; printf '{"rows": 3}' > "$1"; ${end}`

  test('is joined by the same try: its output, exit code and files', async () => {
    const lost = await worker(waiting('exit 4'))
    await lost.lose()
    const asked = request()
    const joined = run(asked, 'echo never')
    joined.catch(() => undefined)
    await vi.waitFor(() => expect(asked.context.output()).toContain('\nready\n'), 20_000)
    spawn('touch', [join(lost.root, mark)])
    expect(await joined).toEqual({
      code: 4,
      output: { kind: 'object', value: { rows: 3 } },
      printed: expect.stringMatching(/\nready\nlate\n$/),
    })
    expect(asked.context.output()).toBe(
      'a worker was lost while this ran in the container suiro-5e5510-21, which is joined; its output from the beginning:\nready\nlate\n',
    )
    expect(await verbs()).toEqual(['ps', 'run', 'ps', expect.any(String), expect.any(String), 'rm'])
    expect(existsSync(lost.root)).toBe(false)
  })

  test('is stopped by a kill of the one that joined it', async () => {
    const lost = await worker(waiting('exit 0'))
    await lost.lose()
    const asked = request()
    const joined = run(asked, 'echo never')
    joined.catch(() => undefined)
    await vi.waitFor(() => expect(asked.context.output()).toContain('\nready\n'), 20_000)
    asked.context.abort(new Error('killed'))
    await expect(joined).rejects.toThrow('killed')
    expect(await livingWith(mark)).toEqual([])
    expect(existsSync(lost.root)).toBe(false)
  })

  test('is removed by the next try, which runs anew', async () => {
    const lost = await worker(waiting('exit 0'))
    await lost.lose()
    const asked = request(1)
    expect((await run(asked, 'echo anew')).code).toBe(0)
    expect(asked.context.output()).toBe('anew\n')
    expect(await verbs()).toEqual(['ps', 'run', 'ps', 'rm', 'run'])
    expect(await livingWith(mark)).toEqual([])
  })

  test('is removed where its files are not to be seen, and runs anew', async () => {
    const lost = await worker(waiting('exit 0'))
    await lost.lose()
    await rm(lost.root, { recursive: true })
    const asked = request()
    expect((await run(asked, 'echo anew')).code).toBe(0)
    expect(asked.context.output()).toBe('anew\n')
    expect(await livingWith(mark)).toEqual([])
  })

  test('runs anew when it has ended without anybody', async () => {
    const lost = await worker('echo ready; sleep 0.3')
    await lost.lose()
    await vi.waitFor(
      async () => expect(await livingWith('echo ready; sleep 0.3')).toEqual([]),
      9000,
    )
    const asked = request()
    expect((await run(asked, 'echo anew')).code).toBe(0)
    expect(asked.context.output()).toBe('anew\n')
  })

  test('ends where only the worker itself is gone, and leaves no mark behind a link', async () => {
    const victim = join(docker.folder, 'victim')
    await writeFile(victim, 'precious')
    const link = `ln -s ${victim} "$(dirname "$1")/stopped"`
    const lost = await worker(`${link}; ${waiting('exit 0')}`)
    lost.die()
    await vi.waitFor(async () => expect(await livingWith(mark)).toEqual([]), 20_000)
    await vi.waitFor(async () => expect((await verbs()).slice(-2)).toEqual(['stop', 'rm']), 20_000)
    expect(await executor.rejoin(request())).toBe('gone')
    expect(await readFile(victim, 'utf8')).toBe('precious')
  })
})

test("a stopped command's end is not taken for its own by who joined it", async () => {
  // Temporal holds a worker for lost that lives, and gives the task to another one on the same machine.
  const first = request()
  const script = 'trap "exit 0" TERM; echo ready; sleep 60 & wait'
  const lost = run(first, script)
  lost.catch(() => undefined)
  await vi.waitFor(() => expect(first.context.output()).toBe('ready\n'), 20_000)
  const second = request()
  const joined = run(second, 'echo anew; exit 5')
  joined.catch(() => undefined)
  await vi.waitFor(() => expect(second.context.output()).toContain('\nready\n'), 20_000)
  first.context.abort(new Error('moved'))
  await expect(lost).rejects.toThrow('moved')
  expect((await joined).code).toBe(5)
  expect(second.context.output()).toMatch(/\nready\nanew\n$/)
})

test.each([
  ['no folder of a run', 'theirs', 'theirs/scratch'],
  ['files outside of its folder', 'suiro-theirs', 'elsewhere'],
])("somebody else's container of that name is removed: it has %s", async (_, root, scratch) => {
  const at = (path: string): string => join(docker.folder, path)
  await mkdir(at(root))
  await mkdir(at(scratch))
  const labels = { try: '0', root: at(root), scratch: at(scratch) }
  const options = Object.entries(labels).flatMap(([k, v]) => ['--label', `suiro.${k}=${v}`])
  const command = ['--name', 'suiro-5e5510-21', ...options, 'any', 'sleep', '61.7']
  const other = spawn(at('docker'), ['run', ...command])
  onTestFinished(() => void other.kill())
  await vi.waitFor(async () => expect(await verbs()).toContain('run'), 20_000)
  await vi.waitFor(async () => {
    const facts = await readFile(at('container-suiro-5e5510-21'), 'utf8')
    expect(facts).toMatch(/"pid": [1-9]/)
  }, 20_000)
  expect(await executor.rejoin(request())).toBe('gone')
  await vi.waitFor(async () => expect(await livingWith('sleep 61.7')).toEqual([]), 20_000)
  expect(existsSync(at(root))).toBe(true)
})
