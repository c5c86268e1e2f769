import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { livingOf } from '#activities/testing/living.ts'
import type { Stack } from '#harness/stack/stack.ts'

const greet = `import { setTimeout } from 'node:timers/promises'
interface Seen { readonly looks?: number }
export const operator = {
  name: 'greet',
  options: ['twice'],
  async run({ config, state, log, polls }: any) {
    const { looks = 0 } = state.value as Seen
    await state.save({ looks: looks + 1 })
    if (polls === 0) return { again: { afterSeconds: 0.1 } }
    await setTimeout(1)
    log('hello ' + config.string('_command'))
    return { stored: { greeted: config.string('_command'), looks: state.value.looks } }
  },
}
`

/** A folder with the operator of a team, which tasks may write into. */
export async function operatorsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-operators-'))
  // A task's commands run as a user of their own where the worker is root.
  await chmod(folder, 0o777)
  await writeFile(join(folder, 'greet.ts'), greet)
  return folder
}

/** Operators through real processes: those that a team adds, and those that start programs. */
export function operatorTests(stack: () => Stack, folder: () => string): void {
  async function run(project: string, files: Readonly<Record<string, string>>) {
    const pushed = await stack().api.push(project, files)
    expect(pushed).toMatchObject({ status: 200 })
    const { body } = await stack().api.start(project, 'daily', '2001-01-05T00:00:00Z')
    const id = body['id'] as string
    const attempt = await stack().api.finished(id)
    return { warnings: pushed.body['warnings'], id, attempt, tasks: await stack().api.tasks(id) }
  }

  test('an own operator is known at push, runs on the worker, polls and stores', async () => {
    const { warnings, id, attempt, tasks } = await run('own', {
      'daily.dig': '+a: {greet>: you}\n+b: {echo>: "${greeted} after ${looks} looks"}\n',
    })
    expect(warnings).toEqual([])
    expect(attempt.success).toBe(true)
    expect(tasks[1]?.storeParams).toEqual({ greeted: 'you', looks: 2 })
    expect(await stack().api.log(id, '+daily+a')).toContain('hello you')
    expect(await stack().api.log(id, '+daily+b')).toContain('you after 2 looks')
    const misspelt = await stack().api.push('misspelt', { 'daily.dig': '+a: {gret>: you}\n' })
    expect(JSON.stringify(misspelt.body['warnings'])).toContain('Did you mean \\"greet>\\"?')
  })

  test('neither process starts with an operator that is wrong', async () => {
    await writeFile(join(folder(), 'wrong.ts'), 'export const greet = 1\n')
    try {
      for (const main of ['services/api/main.ts', 'services/worker/main.ts']) {
        const { status, stderr } = spawnSync(process.execPath, [main], {
          env: { ...stack().env, SUIRO_PORT: '0', SUIRO_WORKER_PORT: '0' },
          encoding: 'utf8',
        })
        expect(stderr).toContain(
          `These operators cannot be used (docs/own-operators.md):\n  - ${join(folder(), 'wrong.ts')} exports greet, but no object called "operator"`,
        )
        expect(stderr).not.toContain('    at ')
        expect(status).toBe(1)
      }
    } finally {
      await rm(join(folder(), 'wrong.ts'))
    }
  })

  test('sh>, py> and rb> store for later tasks; a stored parameter outlives the attempt', async () => {
    const { id, attempt } = await run('commands', {
      'daily.dig': `
+sh: {sh>: "echo '{\\"from_sh\\": 1}' > $SUIRO_OUTPUT"}
+py: {py>: m.f}
+rb: {rb>: M.f, require: m}
+set:
  param_set>:
  kept: "\${from_sh} \${from_py} \${from_rb}"
+get:
  param_get>:
  kept: got
+show: {echo>: "got \${got}"}
`,
      'm.py': 'import digdag\ndef f(from_sh):\n    digdag.env.store(from_py=from_sh + 1)\n',
      'm.rb':
        'module M\n  def self.f(from_py)\n    Digdag.env.store(from_rb: from_py + 1)\n  end\nend\n',
    })
    expect(attempt.success).toBe(true)
    expect(await stack().api.log(id, '+daily+show')).toContain('got 1 2 3')
  })

  test('a kill ends a command with all that it started, grandchildren too', async () => {
    const mark = join(folder(), 'grandchild')
    const ticking = `sh -c "echo \\$PPID" > ${mark}; while :; do sleep 0.05; done`
    await stack().api.push('killed', {
      'daily.dig': `+a:\n  sh>: |\n    (trap '' TERM; (${ticking}) & wait) &\n    echo ready; sleep 600\n`,
    })
    const { body } = await stack().api.start('killed', 'daily', '2001-01-05T00:00:00Z')
    const id = body['id'] as string
    await vi.waitFor(
      async () => expect(await stack().api.log(id, '+daily+a')).toContain('ready\n'),
      {
        timeout: 30_000,
        interval: 200,
      },
    )
    await vi.waitFor(async () => expect(await readFile(mark, 'utf8')).toMatch(/^\d+\n$/), 30_000)
    expect(await stack().api.request('POST', `/api/attempts/${id}/kill`)).toMatchObject({
      status: 200,
    })
    await stack().api.finished(id)
    const [task] = (await stack().api.tasks(id)).filter(({ fullName }) => fullName === '+daily+a')
    expect(task?.state).toBe('canceled')
    const pid = (await readFile(mark, 'utf8')).trim()
    expect(pid).toMatch(/^\d+$/)
    expect(await livingOf([pid])).toEqual([])
  })

  test('a container where none may run, and embulk where it is not installed, are reported in a sentence', async () => {
    const { tasks } = await run('missing', {
      'daily.dig': `
_parallel: true
+a: {sh>: "true", docker: {image: "debian:13"}}
+b: {embulk>: load.yml, _env: {PATH: /nowhere}}
`,
      'load.yml': 'in: {type: file}\n',
    })
    const message = (name: string) => tasks.find((task) => task.fullName === name)?.error.message
    expect(message('+daily+a')).toContain('Set SUIRO_CONTAINERS=docker on a worker with a Docker')
    expect(message('+daily+b')).toContain('Cannot run program "embulk": it is not installed')
  })
}
