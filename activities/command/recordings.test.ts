import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { createCommandExecutor } from './executor.ts'
import { createPy } from './py.ts'
import { createSh } from './sh.ts'

// What a real Digdag server did with these projects: states, errors, parameters and output.

const executor = createCommandExecutor()
let stage: Stage
beforeAll(async () => {
  stage = await createStage([createSh(executor), createPy(executor)])
})
afterAll(() => stage.close())

const states = (a: string, ...more: string[]): string[] => [
  `+case ${a === 'error' ? 'group_error' : 'success'}`,
  `+case+a ${a}`,
  ...more,
  ...(a === 'error' ? ['+case^failure-alert success'] : []),
]

describe('as recorded from Digdag, sh>', () => {
  test('has parameters and _env as variables', async () => {
    const played = await stage.play({
      'case.dig':
        '_export: {plain: v, "with.dot": 1, o: {n: 2}}\n+a:\n  _env: {MINE: m}\n  sh>: echo "$plain $MINE $session_date [$o]"\n',
    })
    expect(played.states).toEqual(states('success'))
    expect(await played.output('+case+a')).toBe('v m 2026-03-05 [{"n":2}]\n')
  })

  test('fails with the exit code', async () => {
    const played = await stage.play({ 'case.dig': '+a: {sh>: "echo out; echo err >&2; exit 4"}\n' })
    expect(played.states).toEqual(states('error'))
    expect(played.task('+case+a').error).toEqual({
      message: 'Command failed with code 4 (runtime)\nIt printed last:\nout\nerr',
    })
    // The log has those lines just above.
    expect(await played.log('+case+a')).toMatch(/Command failed with code 4 \(runtime\)\n$/)
    expect(await played.output('+case+a')).toMatch(/^out\nerr\n/)
  })

  test('runs a script of the project, and lines without set -e', async () => {
    const script = await stage.play({
      'case.dig': '+a: {sh>: "sh scripts/s.sh arg"}\n',
      'scripts/s.sh': 'echo "script $1"\n',
    })
    expect(await script.output('+case+a')).toBe('script arg\n')
    const lines = await stage.play({
      'case.dig': '+a:\n  sh>: |\n    echo one\n    false\n    echo two\n',
    })
    expect(lines.states).toEqual(states('success'))
    // Its own first line repeats the script, and an empty one follows; both are taken for output here and there.
    expect(await lines.output('+case+a')).toBe('false\necho two\n\none\ntwo\n')
  })

  test('refuses an _env that is an object', async () => {
    const played = await stage.play({
      'case.dig': '+a: {sh>: "echo x", _env: {S: {secret: my.key}}}\n',
    })
    expect(played.task('+case+a').error).toEqual({
      message: 'Expected string type for key \'S\' but got {"secret":"my.key"} (object) (config)',
    })
  })
})

describe('as recorded from Digdag, py>', () => {
  test('binds parameters to a class', async () => {
    const played = await stage.play({
      'case.dig': '+a: {py>: m.T.run, n: 3, text: hi}\n',
      'm.py': `import digdag
class T(object):
    def __init__(self, text="none"):
        self.text = text
    def run(self, n, missing="dflt"):
        print(self.text, n, type(n).__name__, missing, digdag.env.params["session_date"])
`,
    })
    expect(await played.output('+case+a')).toBe('hi 3 int dflt 2026-03-05\n')
  })

  test('stores for later tasks, and exports for its own subtasks only', async () => {
    const played = await stage.play({
      'case.dig': '+a: {py>: m.f}\n+b: {echo>: "${st}"}\n+c: {echo>: "${ex}"}\n',
      'm.py':
        'import digdag\ndef f():\n    digdag.env.store({"st": 1})\n    digdag.env.export({"ex": 2})\n',
    })
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a success',
      '+case+b success',
      '+case+c error',
      '+case^failure-alert success',
    ])
    expect(played.task('+case+a')).toMatchObject({ stored: { st: 1 }, exported: { ex: 2 } })
    expect(await played.output('+case+b')).toBe('1\n')
  })

  test('adds subtasks', async () => {
    const played = await stage.play({
      'case.dig': '+a: {py>: m.add}\n',
      'm.py':
        'import digdag\ndef add():\n    digdag.env.add_subtask(child, v=7)\ndef child(v):\n    print("child", v)\n',
    })
    const sub = ['+case+a^sub success', '+case+a^sub+subtask0 success']
    expect(played.states).toEqual(states('success', ...sub))
    expect(played.task('+case+a^sub+subtask0').config).toEqual({ v: 7, 'py>': 'm.child' })
    expect(await played.output('+case+a^sub+subtask0')).toBe('child 7\n')
  })

  test('reports exceptions and missing arguments', async () => {
    const files = { 'm.py': 'def bad():\n    raise ValueError("bad value")\ndef f(x):\n    pass\n' }
    const bad = await stage.play({ 'case.dig': '+a: {py>: m.bad}\n', ...files })
    expect(bad.states).toEqual(states('error'))
    expect(bad.task('+case+a').error).toMatchObject({
      message: expect.stringMatching(
        /^Python command failed with code 1\nError messages from python: bad value \(ValueError\)\n\tfrom Traceback .*\n\tfrom ValueError: bad value\n \(runtime\)$/s,
      ),
    })
    const missing = await stage.play({ 'case.dig': '+a: {py>: m.f}\n', ...files })
    expect(missing.task('+case+a').error).toMatchObject({
      message: expect.stringMatching(
        /^Python command failed with code 1\nError messages from python: Method 'f' requires parameter 'x' but not set \(TypeError\)\n/,
      ),
    })
  })
})
