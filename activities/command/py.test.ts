import { delimiter } from 'node:path'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { OperatorResult } from '../task/operator.ts'
import { operatorContext, type TestContext, type TestTask } from '../testing/operator-context.ts'
import { createCommandExecutor } from './executor.ts'
import { createPy } from './py.ts'

const py = createPy(createCommandExecutor())

const contextOf = (
  command: string | null,
  python: string,
  params: JsonObject = {},
  task: TestTask = {},
): TestContext =>
  operatorContext(
    py,
    { python: 'python3', ...params, _command: command, _type: 'py' },
    { ...task, files: { 'm.py': python, ...task.files } },
  )

/** Calls `m.<something>` of a module with this text. */
async function call(
  command: string | null,
  python: string,
  params: JsonObject = {},
  task: TestTask = {},
): Promise<OperatorResult & { readonly output: string }> {
  const context = contextOf(command, python, params, task)
  const result = await py.run(context)
  return { ...result, output: context.output() }
}

describe('py> calls', () => {
  test('a function, and stores what it says', async () => {
    const python = `
import digdag
def put():
    digdag.env.store({"got": {"n": 1}}, more="ünï")
    digdag.env.export(ex=2)
    digdag.env.set_state(seen=True)
    print("stored")
`
    expect(await call('m.put', python)).toEqual({
      stored: { got: { n: 1 }, more: 'ünï' },
      exported: { ex: 2 },
      output: 'stored\n',
    })
  })

  test('a method of a class, parameters bound by name to both', async () => {
    const python = `
import digdag
class T(object):
    def __init__(self, text="none"):
        self.text = text
    def run(self, n, missing="dflt", *, only=None):
        print(self.text, n, type(n).__name__, missing, only, digdag.env.params["session_date"])
`
    const params = { n: 3, text: 'hi', only: [1], session_date: '2026-03-05' }
    const printed = 'hi 3 int dflt [1] 2026-03-05\n'
    expect((await call('m.T.run', python, params)).output).toBe(printed)
    expect((await call('m.T', python, params)).output).toBe(printed)
  })

  test('what is in a package, in _workdir, or beside a module of Python itself', async () => {
    const files = {
      'tasks/__init__.py': 'class Job(object):\n    def go(self):\n        print("job")\n',
      'tasks/deep/more.py': 'def f():\n    print("deep")\n',
      'runner.py': 'def f():\n    print("own runner")\n',
      'json.py': 'def f():\n    print("not this one")\n',
    }
    expect((await call('tasks.Job.go', '', {}, { files })).output).toBe('job\n')
    expect((await call('tasks.deep.more.f', '', {}, { files })).output).toBe('deep\n')
    const inside = await call('deep.more.f', '', { _workdir: 'tasks' }, { files })
    expect(inside.output).toBe('deep\n')
    expect((await call('runner.f', '', {}, { files })).output).toBe('own runner\n')
    // As in Digdag, the project comes last on Python's path.
    await expect(call('json.f', '', {}, { files })).rejects.toThrow(
      "Module 'json' has no attribute 'f' (AttributeError)",
    )
  })

  test('no function of Python itself where the project has a module of that name', async () => {
    for (const name of ['tokenize', 'time']) {
      const files = { [`${name}.py`]: 'def main():\n    print("own")\ndef sleep(): pass\n' }
      const command = name === 'time' ? 'time.sleep' : 'tokenize.main'
      await expect(call(command, '', {}, { files })).rejects.toThrow(
        `which comes before the project's ${name}.py: give the project's file another name (ImportError)`,
      )
    }
    const classes = { 'csv.py': 'class Sniffer: pass\n' }
    await expect(call('csv.Sniffer.sniff', '', {}, { files: classes })).rejects.toThrow(
      "Module 'csv' is /",
    )
    // Without one it is meant.
    expect((await call('os.getcwd', '')).output).toBe('')
  })

  test('a function that takes everything with everything', async () => {
    const python = 'def f(a, **rest):\n    print(a, rest["b.c"], sorted(rest)[:2])\n'
    const { output } = await call('m.f', python, { a: 1, 'b.c': 2 })
    expect(output).toBe("1 2 ['_command', '_type']\n")
  })

  test('subtasks: functions, methods and tasks as mappings', async () => {
    const python = `
import digdag
class T(object):
    def run(self, v): pass
def child(v): pass
def add():
    digdag.env.add_subtask(child, v=7)
    digdag.env.add_subtask(T.run, v=8)
    digdag.env.add_subtask({"echo>": "hi", "_parallel": True}, more=1)
    digdag.env.add_subtask(**{"sh>": "true"})
`
    const { subtasks } = await call('m.add', python)
    expect(Object.entries(subtasks ?? {})).toEqual([
      ['+subtask0', { v: 7, 'py>': 'm.child' }],
      ['+subtask1', { v: 8, 'py>': 'm.T.run' }],
      ['+subtask2', { 'echo>': 'hi', _parallel: true, more: 1 }],
      ['+subtask3', { 'sh>': 'true' }],
    ])
    expect((await call('m.f', 'def f(): pass')).subtasks).toBeUndefined()
  })

  test('a function that reads the secrets which _secrets grants it, masked in the log', async () => {
    const python = `
import digdag
def f():
    print(digdag.secrets["token"], digdag.secrets["db.password"], len(digdag.secrets["token"]))
    print(sorted(digdag.secrets), digdag.secrets.get("other"))
    print(digdag.secrets["other"])
`
    const secrets = { token: 'tok-12345', 'main.password': 'pw-98765', other: 'not-granted' }
    const mounts = { token: true, db: { password: 'main.password' }, pg: true }
    const context = contextOf('m.f', python, {}, { secrets, mounts })
    await expect(py.run(context)).rejects.toThrow(
      "Secret 'other' is not there: set it, and name it in the task's _secrets",
    )
    expect(context.output()).toMatch(/^\*\*\* \*\*\* 9\n\['db.password', 'token'\] None\nTraceback/)
  })

  test('old code that imports digdag_env', async () => {
    const python =
      'import digdag, digdag_env\ndef f():\n    digdag_env.store_params["n"] = digdag_env.params["a"]\n'
    expect((await call('m.f', python, { a: 1 })).stored).toEqual({ n: 1 })
  })

  test('a script that is given as text, with the module digdag or writing its result itself', async () => {
    const own = 'import digdag\ndigdag.env.store(n=digdag.env.params["a"] + 1)\nprint(__name__)\n'
    const { stored, output } = await call(null, '', { script: own, a: 1 })
    expect({ stored, output }).toEqual({ stored: { n: 2 }, output: '__main__\n' })
    const writing =
      'import json, sys\njson.dump({"store_params": json.load(open(sys.argv[1]))["params"]["o"]}, open(sys.argv[2], "w"))\n'
    const itself = await call(null, '', { script: writing, o: { k: 'v' } })
    expect(itself.stored).toEqual({ k: 'v' })
    await expect(call(null, '', { script: 'import sys; sys.exit(7)' })).rejects.toThrow(
      'Python command failed with code 7',
    )
  })
})

describe('py> reports', () => {
  test('an exception, with the lines of the project only', async () => {
    const context = contextOf('m.bad', 'def bad():\n    raise ValueError("bad value")\n')
    const failing = py.run(context)
    await expect(failing).rejects.toThrow(
      /^Python command failed with code 1\nError messages from python: bad value \(ValueError\)\n\tfrom Traceback \(most recent call last\):\n\n\tfrom {3}File ".*m\.py", line 2, in bad\n {4}raise ValueError\("bad value"\)\n\n\tfrom ValueError: bad value\n$/,
    )
    await expect(failing).rejects.not.toThrow('runner.py')
    await expect(failing).rejects.toMatchObject({
      frames:
        'Traceback (most recent call last):\n  File "m.py", line 2, in bad\n    raise ValueError("bad value")\nValueError: bad value',
    })
    expect(context.output()).toMatch(/^Traceback .*\nValueError: bad value\n$/s)
  })

  test('what it printed before the exception, which need not say why', async () => {
    const python =
      'import subprocess\ndef f():\n    print("step 1")\n    subprocess.run("echo no such table >&2; exit 3", shell=True, check=True)\n'
    await expect(call('m.f', python)).rejects.toMatchObject({
      message: expect.stringContaining('returned non-zero exit status 3. (CalledProcessError)'),
      printed: 'step 1\nno such table',
    })
    const ends = 'def f():\n    print("cannot go on")\n    exit(3)\n'
    await expect(call('m.f', ends)).rejects.toMatchObject({ printed: 'cannot go on' })
    const hard = 'import os\ndef f():\n    print("gone", flush=True)\n    os._exit(9)\n'
    await expect(call('m.f', hard)).rejects.toMatchObject({
      message: 'Python command failed with code 9',
      printed: 'gone',
    })
  })

  test('which file a module is from, where it is another one than its name makes think', async () => {
    const own = { 'statistics.py': 'def summary():\n    return 1\n' }
    const hidden = 'from statistics import summary\ndef f(): pass\n'
    await expect(call('m.f', hidden, {}, { files: own })).rejects.toThrow(
      /cannot import name 'summary' from 'statistics' .*\(ImportError\)\nModule statistics was loaded from \/.*\/statistics\.py, not from statistics\.py of the project: give the project's file another name\n\tfrom Traceback/,
    )
    const built = 'import time\ndef f():\n    time.tick()\n'
    await expect(call('m.f', built, {}, { files: { 'time.py': '' } })).rejects.toThrow(
      "Module time is built into Python, not from time.py of the project: give the project's file another name",
    )
    // What puts the project first has its own files hide Python's.
    const first =
      'import sys\nsys.path.insert(0, "")\nimport colorsys\ndef f():\n    colorsys.hsv_to_rgb(0, 0, 0)\n'
    const context = contextOf('m.f', first, {}, { files: { 'colorsys.py': 'x = 1\n' } })
    await expect(py.run(context)).rejects.toThrow(
      "Module colorsys was loaded from colorsys.py of the project, which hides Python's own: give the project's file another name",
    )
    expect(context.output()).toMatch(/AttributeError: .*\nModule colorsys was loaded from .*\n$/)
    // Also what Python's own modules then miss.
    const deep = 'import sys\nsys.path.insert(0, "")\ndef f():\n    import csv\n'
    const files = { 'csv.py': 'raise RuntimeError("not meant to be imported")\n' }
    await expect(call('m.f', deep, {}, { files })).rejects.toThrow(
      'Module csv was loaded from csv.py of the project',
    )
    const other = 'def f():\n    raise ValueError("no")\n'
    await expect(call('m.f', other, {}, { files: own })).rejects.not.toThrow('was loaded from')
  })

  test('nothing strange where PYTHONPATH puts the project first', async () => {
    const files = { 'json.py': 'mine = 1\n', 'inspect.py': 'mine = 1\n' }
    const params = { _env: { PYTHONPATH: '.' }, a: 1 }
    const python = 'def f(a):\n    print(a)\n'
    expect((await call('m.f', python, params, { files })).output).toBe('1\n')
  })

  test('an endless recursion by its two ends, and a long text by its ends', async () => {
    const python = 'def f():\n    g(0)\ndef g(n):\n    h(n)\ndef h(n):\n    g(n + 1)\n'
    const failure = await call('m.f', python).catch((error: unknown) => error as Error)
    expect((failure as Error).message).toMatch(/maximum recursion depth exceeded.*RecursionError/s)
    expect((failure as Error).message).toMatch(
      /line 2, in f\n.*\(\d+ frames left out\).*line 6, in h\n/s,
    )
    expect((failure as Error).message).toMatch(/\n\tfrom RecursionError: [^\n]*\n$/)
    const long = await call('m.f', 'def f():\n    raise ValueError("x" * 5_000_000)\n').catch(
      (error: unknown) => error as Error,
    )
    expect((long as Error).message).toContain('4996000 characters left out')
    expect((long as Error).message.length).toBeLessThan(70_000)
  })

  test('a parameter that is missing, by the name of who asks', async () => {
    const python =
      'class T:\n  def __init__(self, a): pass\n  def run(self, b): pass\ndef f(x): pass\n'
    const message = (name: string, key: string): string =>
      `Error messages from python: Method '${name}' requires parameter '${key}' but not set (TypeError)`
    await expect(call('m.f', python)).rejects.toThrow(message('f', 'x'))
    await expect(call('m.T.run', python)).rejects.toThrow(message('T', 'a'))
    await expect(call('m.T.run', python, { a: 1 })).rejects.toThrow(message('T.run', 'b'))
  })

  test('a name that leads nowhere', async () => {
    await expect(call('m.none', '')).rejects.toThrow("Module 'm' has no attribute 'none'")
    await expect(call('m.T.none', 'class T: pass')).rejects.toThrow(
      "'T' object has no attribute 'none'",
    )
    await expect(call('nowhere.f', '')).rejects.toThrow(
      "No module named 'nowhere' (ModuleNotFoundError)",
    )
    // Not taken for a class: the module is there, and what it needs is not.
    await expect(call('m.f', 'import absent_library')).rejects.toThrow(
      "No module named 'absent_library'",
    )
    await expect(call('f', '')).rejects.toThrow("'f' names no module")
  })

  test('what cannot be stored, in the line that stores it', async () => {
    const bad = (value: string): string =>
      `import digdag\ndef f():\n    digdag.env.store(v=${value})\n`
    for (const value of ['object()', 'float("nan")', '{1, 2}']) {
      const failing = call('m.f', bad(value))
      await expect(failing).rejects.toThrow('Parameters must be serializable using JSON')
      await expect(failing).rejects.toThrow('m.py", line 3, in f')
    }
    const lambda = 'import digdag\ndef f():\n    digdag.env.add_subtask(lambda: 1)\n'
    await expect(call('m.f', lambda)).rejects.toThrow('add_subtask needs a function of a module')
  })

  test('a function that ends Python, whatever its code', async () => {
    for (const code of ['', '0', '3', '"text"']) {
      await expect(call('m.f', `import sys\ndef f():\n    sys.exit(${code})\n`)).rejects.toThrow(
        'Failed to call python command with code:',
      )
    }
    const hard = 'import os\ndef f():\n    os._exit(0)\n'
    await expect(call('m.f', hard)).rejects.toThrow('its output file is missing or broken')
    const killed = 'import os\ndef f():\n    os.kill(os.getpid(), 9)\n'
    await expect(call('m.f', killed)).rejects.toThrow(/^Python command failed with code 137$/)
    const broken = 'import sys\nopen(sys.argv[2], "w").write("{")\n'
    await expect(call(null, '', { script: broken })).rejects.toThrow(
      'Python command ended without saying what it stored: its output file is missing or broken (it holds no JSON',
    )
  })
})

describe('py> is run', () => {
  test('by the Python that is set, also from below py', async () => {
    const python = 'import sys\ndef f():\n    print(sys.flags.optimize)\n'
    expect((await call('m.f', python, { python: ['python3', '-OO'] })).output).toBe('2\n')
    const context = operatorContext(
      py,
      { py: { python: ['python3', '-O'] }, _command: 'm.f' },
      { files: { 'm.py': python } },
    )
    await py.run(context)
    expect(context.output()).toBe('1\n')
    await expect(call('m.f', python, { python: '/no/python' })).rejects.toThrow(
      'Cannot run program "/no/python": it is not installed on this worker',
    )
  })

  test('by python, or by python3 where there is no python', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suiro-path-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    onTestFinished(() => void vi.unstubAllEnvs())
    const provide = async (name: string): Promise<void> => {
      await writeFile(join(folder, name), `#!/bin/sh\necho by ${name}\nexit 9\n`)
      await chmod(join(folder, name), 0o755)
    }
    const run = async (): Promise<string> => {
      const context = operatorContext(py, { _command: 'm.f' }, { files: { 'm.py': '' } })
      await expect(py.run(context)).rejects.toThrow('Python command failed with code 9')
      return context.output()
    }
    vi.stubEnv('PATH', [folder].join(delimiter))
    await provide('python3')
    expect(await run()).toBe('by python3\n')
    await provide('python')
    expect(await run()).toBe('by python\n')
  })

  test('without the worker’s variables and without parameters as variables, but with _env', async () => {
    vi.stubEnv('DATABASE_URL', 'leaked')
    onTestFinished(() => void vi.unstubAllEnvs())
    const python =
      'import os\ndef f():\n    print(*(os.environ.get(k) for k in ("DATABASE_URL", "big", "A")))\n'
    const params = { big: 'x'.repeat(3_000_000), _env: { A: '${secret:a}' } }
    const { output } = await call('m.f', python, params, { secrets: { a: 'sesame' } })
    expect(output).toBe('None None ***\n')
  })

  test('until the attempt is killed, and is ended then', async () => {
    const context = contextOf(
      'm.f',
      'import time\ndef f():\n    print("ready")\n    time.sleep(30)\n',
    )
    const running = py.run(context)
    running.catch(() => undefined)
    await vi.waitFor(() => expect(context.output()).toBe('ready\n'), 10_000)
    context.abort(new Error('killed'))
    await expect(running).rejects.toThrow('killed')
  })
})
