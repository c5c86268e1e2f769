import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Operator } from '../../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import { livingWith } from '../../testing/living.ts'
import { createCommandExecutor } from '../executor.ts'
import { createPy } from '../py.ts'
import { createSh } from '../sh.ts'
import { playDocker, type PlayedDocker } from '../testing/executors.ts'

// No Docker engine is needed: a program named docker runs the "containers" on this machine. What is tested is
// what is passed to docker, and when.

const executor = createCommandExecutor('docker')
const sh = createSh(executor)
const py = createPy(executor)

let played: PlayedDocker
let folder: string
beforeEach(async () => {
  played = await playDocker()
  folder = played.folder
})

const identity = { sessionUuid: '5e5510', taskId: 21 }

const contextOf = (operator: Operator, params: JsonObject, task: TestTask = {}): TestContext =>
  operatorContext(operator, { docker: { image: 'debian:13' }, ...params }, { identity, ...task })

async function output(operator: Operator, params: JsonObject, task: TestTask = {}) {
  const context = contextOf(operator, params, task)
  await operator.run(context)
  return context.output()
}

const verbs = async (): Promise<readonly string[]> =>
  (await played.calls()).map(([first = '', second = '']) =>
    first === 'image' ? `image ${second}` : first,
  )

describe('docker: {image: …}', () => {
  test('runs the command in the image, the project at the same path, as the same user', async () => {
    const printed = await output(
      sh,
      {
        _command: 'echo "$INSIDE $greeting $MINE $HOME ${LANG-none}"; cat here.txt',
        _workdir: 'in',
        greeting: 'line 1\nline 2',
        HOME: '/from/parameter',
        _env: { MINE: '${secret:token}' },
      },
      { files: { 'in/here.txt': 'found\n' }, secrets: { token: 'tok-12345' } },
    )
    expect(printed).toBe('yes line 1\nline 2 *** /from/parameter none\nfound\n')
    const [before, run, ...more] = await played.calls()
    expect(before?.slice(0, 5)).toEqual([
      ...['ps', '--all', '--no-trunc', '--filter', 'name=^/?suiro-5e5510-21$'],
    ])
    expect(more).toEqual([])
    const root = run?.[run.indexOf('--volume') + 1]?.split(':')[0] ?? ''
    const variables = run?.flatMap((word, n) => (run[n - 1] === '--env' ? [word] : []))
    expect(variables).toEqual([
      ...['docker', '_command', '_workdir', 'greeting', 'HOME=/from/parameter', '_env'],
      ...['SUIRO_OUTPUT', 'MINE'],
    ])
    expect(run?.filter((word, n) => word !== '--env' && run[n - 1] !== '--env')).toEqual([
      ...['run', '--rm', '--sig-proxy=false', '--init', '--name', 'suiro-5e5510-21'],
      ...['--user', `${process.getuid?.()}:${process.getgid?.()}`],
      ...['--label', 'suiro.try=0', '--label', `suiro.root=${root}`],
      ...['--label', expect.stringMatching(`^suiro.scratch=${root}/.digdag/tmp/digdag-sh-`)],
      ...['--volume', `${root}:${root}:rw`, '--workdir', `${root}/in`],
      ...[
        'debian:13',
        '/bin/sh',
        expect.stringMatching(`^${root}/.digdag/tmp/digdag-sh-.*/runner.sh$`),
      ],
    ])
  })

  test('shows no value of a variable among the arguments', async () => {
    const params = { _command: 'true', _env: { TOKEN: '${secret:token}' } }
    await output(sh, params, { secrets: { token: 'tok-12345' } })
    expect(JSON.stringify(await played.calls())).not.toContain('tok-12345')
  })

  test('keeps variables that docker itself reads away from it', async () => {
    const params = { _command: 'echo $DOCKER_HOST', DOCKER_HOST: 'tcp://elsewhere' }
    expect(await output(sh, params)).toBe('tcp://elsewhere\n')
    const run = (await played.calls()).find(([verb]) => verb === 'run')
    expect(run).toContain('DOCKER_HOST=tcp://elsewhere')
  })

  test('runs py> with its runner inside the project, and reads what it stored', async () => {
    const python =
      'import digdag, os\ndef f(n):\n    digdag.env.store(inside=os.environ["INSIDE"], n=n)\n'
    const context = contextOf(py, { _command: 'm.f', n: 3 }, { files: { 'm.py': python } })
    expect((await py.run(context)).stored).toEqual({ inside: 'yes', n: 3 })
    const words = async () => (await played.calls()).findLast(([verb]) => verb === 'run') ?? []
    // Which of its names Python has is seen inside only.
    expect((await words()).slice((await words()).indexOf('debian:13') + 1)[0]).toBe('/bin/sh')
    await output(py, { _command: 'm.f', n: 3, python: 'python3' }, { files: { 'm.py': python } })
    expect((await words()).slice((await words()).indexOf('debian:13') + 1)[0]).toBe('python3')
  })

  test('gives run_options the last word, pulls, and takes another program than docker', async () => {
    const docker = {
      image: 'debian:13',
      docker: join(folder, 'docker'),
      run_options: ['--user', 'root', '--memory=1g'],
      pull_always: true,
    }
    expect(await output(sh, { _command: 'echo ran', docker })).toBe('pulled debian:13\nran\n')
    expect(await verbs()).toEqual(['ps', 'pull', 'run'])
    const run = (await played.calls()).find(([verb]) => verb === 'run') ?? []
    expect(run.slice(run.lastIndexOf('--user'), run.indexOf('debian:13'))).toEqual([
      ...['--user', 'root', '--memory=1g'],
    ])
  })

  test('builds an image once for the same lines', async () => {
    const docker = {
      image: 'debian:13',
      build: ['apt-get update', 'pip install x\npip install y'],
      build_options: ['--network=host'],
    }
    const built = 'FROM debian:13\nRUN apt-get update\nRUN pip install x\nRUN pip install y\n'
    expect(await output(sh, { _command: 'echo ran', docker })).toBe(`${built}ran\n`)
    expect(await output(sh, { _command: 'echo ran', docker })).toBe('ran\n')
    expect(await verbs()).toEqual([
      ...['ps', 'image inspect', 'build', 'run'],
      ...['ps', 'image inspect', 'run'],
    ])
    const build = (await played.calls()).find(([verb]) => verb === 'build') ?? []
    expect(build[1]).toBe('--network=host')
    // Nothing of the project goes into the image.
    expect(build.at(-1)).toMatch(/\/\.digdag\/tmp\/docker$/)
  })

  test('fails with the exit code of the command, or says that docker itself failed', async () => {
    await expect(output(sh, { _command: 'exit 4' })).rejects.toThrow('Command failed with code 4')
    const context = contextOf(sh, { _command: 'true', docker: { image: 'no/such:image' } })
    await expect(sh.run(context)).rejects.toThrow(
      'Docker could not run the image no/such:image (code 125)',
    )
    expect(context.output()).toContain("Unable to find image 'no/such:image' locally")
  })

  test('refuses what it cannot mean', async () => {
    const run = (docker: JsonObject) => output(sh, { _command: 'true', docker })
    await expect(run({})).rejects.toThrow('docker needs the name of an image')
    await expect(run({ image: '--privileged' })).rejects.toThrow(
      'docker needs the name of an image',
    )
    await expect(run({ image: 'a', pull_allways: true })).rejects.toThrow(
      "Unknown option 'pull_allways' in docker. Its options are image, docker, build,",
    )
    expect(await played.calls()).toEqual([])
  })
})

describe('a kill', () => {
  test('stops the container with all it runs, and takes it away', async () => {
    const ticks = join(folder, 'ticks')
    const script = `(while :; do echo tick >> ${ticks}; sleep 0.02; done) & echo ready; wait`
    const context = contextOf(sh, { _command: script })
    const running = sh.run(context)
    running.catch(() => undefined)
    await vi.waitFor(() => expect(context.output()).toBe('ready\n'), 10_000)
    context.abort(new Error('killed'))
    await expect(running).rejects.toThrow('killed')
    expect((await verbs()).slice(-2)).toEqual(['stop', 'rm'])
    await vi.waitFor(async () => expect(await livingWith(`>> ${ticks};`)).toEqual([]), 10_000)
  })

  test('writes through no link that the command has put where it leaves its mark', async () => {
    const victim = join(folder, 'victim')
    await writeFile(victim, 'precious')
    const script = `ln -s ${victim} "$(dirname "$SUIRO_OUTPUT")/stopped"; echo ready; sleep 60`
    const context = contextOf(sh, { _command: script })
    const running = sh.run(context)
    running.catch(() => undefined)
    await vi.waitFor(() => expect(context.output()).toBe('ready\n'), 10_000)
    context.abort(new Error('killed'))
    await expect(running).rejects.toThrow('killed')
    expect(await readFile(victim, 'utf8')).toBe('precious')
  })
})

describe('where no container can run', () => {
  test('the task says that no engine answers', async () => {
    await writeFile(join(folder, 'down'), '')
    await expect(output(sh, { _command: 'true' })).rejects.toThrow(
      /^No Docker engine answers on this worker: Cannot connect to the Docker daemon at .*Start one \(DOCKER_HOST says where it is looked for\), or set SUIRO_CONTAINERS=ignore/,
    )
  })

  test('the task says that docker is not installed', async () => {
    const docker = { image: 'debian:13', docker: 'no-such-docker' }
    await expect(output(sh, { _command: 'true', docker })).rejects.toThrow(
      'Cannot run program "no-such-docker": it is not installed on this worker. Install it on the worker, or set SUIRO_CONTAINERS=ignore',
    )
  })

  test('a worker that runs none says what to set', async () => {
    const none = createSh(createCommandExecutor('none'))
    await expect(output(none, { _command: 'true' })).rejects.toThrow(
      'This task asks for a container (docker: {"image":"debian:13"}), and this worker runs none. Set SUIRO_CONTAINERS=docker on a worker with a Docker engine, or SUIRO_CONTAINERS=ignore',
    )
    expect(await played.calls()).toEqual([])
  })

  test('a worker that ignores containers runs the command itself, and says so', async () => {
    const ignoring = createSh(createCommandExecutor('ignore'))
    expect(await output(ignoring, { _command: 'echo "[$INSIDE]"' })).toBe(
      'docker is ignored: the command runs on the worker itself (SUIRO_CONTAINERS=ignore)\n[]\n',
    )
    expect(await played.calls()).toEqual([])
  })
})
