import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import { runCommand } from './process.ts'
import { markVariable } from './marked.ts'
import { startCommand } from './starter.ts'

const sh = (script: string, onOutput: (text: string) => void = () => undefined): Promise<number> =>
  runCommand({
    command: ['/bin/sh', '-c', script],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    onOutput,
    signal: new AbortController().signal,
    graceMilliseconds: 400,
  })

test('when the one that starts commands dies, those that run fail, and the next ones run', async () => {
  const ended = await Promise.allSettled([sh('sleep 60'), sh('kill -9 $PPID; sleep 60')])
  const why = expect.objectContaining({ message: 'The process that starts commands has died' })
  expect(ended).toEqual([
    { status: 'rejected', reason: why },
    { status: 'rejected', reason: why },
  ])
  const printed: string[] = []
  await expect(sh('echo again', (text) => void printed.push(text))).resolves.toBe(0)
  expect(printed).toEqual(['again\n'])
})

test('a command has no pipe open but its own', async () => {
  let open = ''
  await sh('sleep 0.1; ls -l /proc/$$/fd', (text) => void (open += text))
  const pipes = open.split('\n').filter((line) => line.includes('suiro-pipes'))
  expect(pipes.map((line) => line.replace(/.* (\d+) -> .*/, '$1'))).toEqual(['1', '2'])
})

test('many at once each have their own output, whole, and leave no pipe open', async () => {
  const random = createRandom(chosenSeed())
  const before = (await readdir('/proc/self/fd')).length
  const runs = Array.from({ length: 60 }, async (_, place) => {
    const [lines, code, rest] = [random.whole(0, 3_000), random.whole(0, 100), random.chance(0.3)]
    let output = ''
    const left = rest ? '(sleep 0.05; echo late) &' : ''
    const script = `${left} i=0; while [ $i -lt ${lines} ]; do echo ${place}:$i; i=$((i+1)); done; exit ${code}`
    const ended = await sh(script, (text) => void (output += text))
    const numbers = Array.from({ length: lines }, (__, n) => `${place}:${n}\n`)
    const own = output.replace('late\n', '')
    return { seed: random.seed, ended: ended === code, whole: own === numbers.join('') }
  })
  for (const run of await Promise.all(runs)) {
    expect(run).toEqual({ seed: random.seed, ended: true, whole: true })
  }
  expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 4)
}, 120_000)

test('a program that cannot be started at all is an error with its code', async () => {
  const mark = randomUUID()
  const wanted = { cwd: '/', env: { [markVariable]: mark }, mark }
  await expect(startCommand({ ...wanted, command: ['/no/such/program'] })).rejects.toMatchObject({
    code: 'ENOENT',
  })
  await expect(
    startCommand({ ...wanted, command: ['/bin/true'], cwd: '/no/such/folder' }),
  ).rejects.toMatchObject({ code: 'ENOENT' })
  const started = await startCommand({ ...wanted, command: ['/bin/true'] })
  const closed = once(started.output.resume(), 'close')
  expect(await started.exit).toMatchObject({ code: 0, signal: null })
  await closed
  started.done()
})

test('where no file can be opened for now, another try may run, and nothing keeps the process alive', async () => {
  const program = `
    import { execFileSync } from 'node:child_process'
    import { closeSync, openSync } from 'node:fs'
    import { runCommand } from '${new URL('process.ts', import.meta.url).href}'
    const run = () => runCommand({
      command: ['/bin/true'], cwd: '/', env: { PATH: '/usr/bin:/bin' },
      onOutput() {}, signal: new AbortController().signal,
    })
    const ends = [await run()]
    execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=100'])
    const open = []
    try { for (;;) open.push(openSync('/dev/null')) } catch {}
    ends.push(await run().catch(({ name, code }) => name + ' ' + code))
    open.forEach((file) => closeSync(file))
    ends.push(await run())
    console.log(ends.join(', '))
  `
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
  expect(stdout).toBe('0, Error EMFILE, 0\n')
}, 30_000)
