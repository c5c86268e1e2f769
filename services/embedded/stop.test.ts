import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { npmStart, type NpmStart } from './testing/npm-start.ts'

/** The real services of Google are not asked at a start; without their engines it is a matter of seconds. */
const withoutEngines = { GOOGLE_CLOUD_PROJECT: 'suiro-test' }

async function begin(env: Readonly<Record<string, string>> = {}): Promise<NpmStart> {
  const start = await npmStart(env)
  onTestFinished(start.clear)
  return start
}

const kindsOf = async (start: NpmStart): Promise<string> =>
  [...(await start.processes()).values()].join('\n')

/** Of one that runs: whoever wants its folder or its ports is told, and it goes on. */
async function expectOthersToLearn(start: NpmStart): Promise<void> {
  const before = await start.processes()
  const again = await begin(start.env)
  expect(await again.ended).toBe(1)
  expect(again.said()).toContain(`Suiro runs in ${start.home} already`)
  expect(again.said()).toContain(`http://127.0.0.1:${start.env['SUIRO_PORT']}/docs`)

  const elsewhere = await begin({ ...start.env, SUIRO_HOME: `${start.home}-other` })
  expect(await elsewhere.ended).toBe(1)
  const said = elsewhere.said()
  expect(said).toMatch(new RegExp(`another Suiro \\(data in ${start.home}, version .*, started `))
  for (const [variable, port] of Object.entries(start.env)) {
    if (!variable.endsWith('_PORT')) continue
    expect(said).toContain(`  ${port}, where `)
  }
  expect(said).toMatch(
    /Or start this one elsewhere: (SUIRO_\w+_PORT=\d+ |SUIRO_PORT=\d+ ){8}npm start/,
  )
  // The folder of the one that did not start is free.
  expect(existsSync(join(`${start.home}-other`, 'run/launcher.pid'))).toBe(false)
  expect(await start.processes()).toEqual(before)
}

// What is left is found in /proc.
describe.skipIf(process.platform !== 'linux')('a signal to npm alone', { timeout: 240_000 }, () => {
  test('SIGTERM when all runs ends the tasks, then all parts', async () => {
    const start = await begin()
    await start.says('Press Ctrl-C to stop.')
    // That nothing is overlooked: each kind is seen while it runs.
    for (const kind of [
      'npm start',
      '/postgres',
      'temporal server',
      'serve_bigquery',
      'services/api/main',
    ]) {
      expect(await kindsOf(start)).toContain(kind)
    }
    await expectOthersToLearn(start)
    process.kill(start.pid, 'SIGTERM')
    expect(await start.ended).toBe(0)
    expect(await start.remains()).toEqual([])
    expect(start.said()).toContain('PostgreSQL stopped')
  })

  test.each([
    ['SIGINT', 'creating the database'],
    ['SIGTERM', /PostgreSQL: .* s\n/],
    ['SIGHUP', 'Press Ctrl-C to stop.'],
    ['SIGKILL', 'Press Ctrl-C to stop.'],
  ] as const)('%s when it says %s leaves nothing running', async (signal, moment) => {
    const start = await begin(withoutEngines)
    await start.says(moment)
    process.kill(start.pid, signal)
    await start.ended
    expect(await start.remains()).toEqual([])
    expect(start.said()).not.toContain('    at ')
    // The next start finds the folder free.
    expect(existsSync(join(start.home, 'run/launcher.pid'))).toBe(false)
  })

  test('a second one does not wait for a task', async () => {
    const start = await begin(withoutEngines)
    await start.says('Press Ctrl-C to stop.')
    // It does not react to being asked, as a task that goes on.
    const worker = [...(await start.processes())].find(([, name]) => name.includes('worker/main'))
    process.kill(worker?.[0] ?? 0, 'SIGSTOP')
    process.kill(start.pid, 'SIGINT')
    await start.says('Stopping: tasks first')
    await sleep(1_000)
    process.kill(start.pid, 'SIGINT')
    await start.says('Ending everything at once')
    await start.ended
    expect(await start.remains()).toEqual([])
  })
})

test.runIf(process.platform === 'linux')(
  'what a killed launcher leaves behind is stopped by the next start, in words',
  { timeout: 240_000 },
  async () => {
    const first = await begin(withoutEngines)
    await first.says('Press Ctrl-C to stop.')
    const launcher = [...(await first.processes())].find(([, name]) =>
      name.includes('embedded/main'),
    )
    process.kill(launcher?.[0] ?? 0, 'SIGKILL')
    await first.ended
    expect(first.said()).toContain('npm start was ended by SIGKILL')
    expect(await kindsOf(first)).toContain('/postgres')
    // Another one on its ports learns whose they are; one in its folder stops what is left and runs.
    const other = await npmStart({ ...first.env, SUIRO_HOME: `${first.home}-other` })
    onTestFinished(other.clear)
    expect(await other.ended).toBe(1)
    expect(other.said()).toContain(
      `another Suiro (data in ${first.home}, whose npm start was killed)`,
    )
    const next = await npmStart({ ...withoutEngines, ...first.env })
    onTestFinished(next.clear)
    await next.says('Press Ctrl-C to stop.')
    expect(next.said()).toMatch(
      /Stopping process \d+, which an earlier start left behind: .*temporal/,
    )
    process.kill(next.pid, 'SIGTERM')
    expect(await next.ended).toBe(0)
    expect(await first.remains()).toEqual([])
  },
)
