import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { OperatorResult } from '../task/operator.ts'
import { operatorContext, type TestTask } from '../testing/operator-context.ts'
import { createCommandExecutor } from './executor.ts'
import { createRb } from './rb.ts'

const rb = createRb(createCommandExecutor())

async function call(
  command: string | null,
  ruby: string,
  params: JsonObject = {},
  task: TestTask = {},
): Promise<OperatorResult & { readonly output: string }> {
  const all = { require: 'tasks/work', ...params, _command: command }
  const context = operatorContext(rb, all, { ...task, files: { 'tasks/work.rb': ruby } })
  const result = await rb.run(context)
  return { ...result, output: context.output() }
}

test('rb> says when Ruby is not installed', async () => {
  await expect(call('T.f', '', { ruby: 'no-such-ruby' })).rejects.toThrow(
    'Cannot run program "no-such-ruby": it is not installed on this worker',
  )
})

describe('rb>', () => {
  test('calls methods of modules, classes and files, parameters bound by name', async () => {
    const ruby = `
module Task
  class Work
    def initialize(text = "none")
      @text = text
    end
    def go(n, missing = "dflt", key:, other: "o", **rest)
      puts [@text, n, missing, key, other, rest[:_command]].join(" ")
    end
    def self.fixed(n)
      puts "fixed #{n} #{Digdag.env.params["text"]} #{ENV["text"]}"
    end
  end
end
def top(n)
  puts "top #{n}"
end
`
    const params = { text: 'hi', n: 3, key: 'k' }
    expect((await call('Task::Work.go', ruby, params)).output).toBe('hi 3 dflt k o Task::Work.go\n')
    expect((await call('Task::Work.fixed', ruby, params)).output).toBe('fixed 3 hi hi\n')
    expect((await call('top', ruby, params)).output).toBe('top 3\n')
  })

  test('stores, exports and adds subtasks', async () => {
    const ruby = `
class T
  def f
    Digdag.env.store(got: {n: 1})
    Digdag.env.export("ex" => 2)
    Digdag.env.add_subtask(T, :child, v: 7)
    Digdag.env.add_subtask("echo>" => "hi")
  end
  def child(v)
  end
end
`
    expect(await call('T.f', ruby)).toEqual({
      stored: { got: { n: 1 } },
      exported: { ex: 2 },
      subtasks: { '+subtask0': { v: 7, 'rb>': '::T.child' }, '+subtask1': { 'echo>': 'hi' } },
      output: '',
    })
  })

  test('reports exceptions and missing parameters', async () => {
    const ruby = 'class T\n  def bad\n    raise "bad value"\n  end\n  def f(x)\n  end\nend\n'
    await expect(call('T.bad', ruby)).rejects.toThrow(
      /^Ruby command failed with code 1\nError messages from ruby: bad value \(RuntimeError\)\n\tfrom .*work\.rb:3:in [`'](T#)?bad'$/,
    )
    await expect(call('T.bad', ruby)).rejects.toMatchObject({
      frames: expect.stringMatching(/work\.rb:3:in [`'](T#)?bad'$/),
    })
    await expect(call('T.f', ruby)).rejects.toThrow(
      "Method 'T#f' requires parameter 'x' but not set (ArgumentError)",
    )
    await expect(call('Nope.f', ruby)).rejects.toThrow('uninitialized constant Nope (NameError)')
    await expect(call('T.none', ruby)).rejects.toThrow(
      /undefined method [`']none' for .*\(NameError\)/,
    )
    await expect(call('T.f', 'class T')).rejects.toThrow(/^Ruby command failed with code 1$/)
    await expect(call('T.f', 'class T\ndef f\nexit 3\nend\nend')).rejects.toThrow(
      /^Ruby command failed with code 3\nError messages from ruby: exit \(SystemExit\)/,
    )
    const object = 'class T\ndef f\nDigdag.env.store(v: Float::NAN)\nend\nend'
    await expect(call('T.f', object)).rejects.toThrow('must be serializable using JSON')
  })

  test('says which file hides one of Ruby’s own, and what was printed before', async () => {
    const own = { 'set.rb': 'module Mine; end\n' }
    const hidden =
      'require "set"\nclass T\n  def f\n    puts "step 1"\n    SortedThings.new\n  end\nend\n'
    const context = operatorContext(
      rb,
      { require: 'tasks/work', _command: 'T.f' },
      { files: { ...own, 'tasks/work.rb': hidden } },
    )
    await expect(rb.run(context)).rejects.toMatchObject({
      message: expect.stringContaining(
        "(NameError)\nset was loaded from set.rb of the project, which hides Ruby's own: give the project's file another name\n\tfrom ",
      ),
      printed: 'step 1',
    })
  })

  test('runs where a file of the project has the name of what the runner needs', async () => {
    const context = operatorContext(
      rb,
      { require: 'work', _command: 'f' },
      { files: { 'work.rb': 'def f\n  puts "fine"\nend\n', 'json.rb': 'raise "not this one"\n' } },
    )
    await rb.run(context)
    expect(context.output()).toBe('fine\n')
  })

  test('reads the secrets which _secrets grants it, masked in the log', async () => {
    const ruby = 'def f\n  puts Digdag.secrets["token"], Digdag.secrets["other"]\nend\n'
    const granted = { secrets: { token: 'tok-12345' }, mounts: { token: true } }
    await expect(call('f', ruby, {}, granted)).rejects.toThrow(
      "Secret 'other' is not there: set it, and name it in the task's _secrets (KeyError)",
    )
    const fine = await call('f', ruby.replace(', Digdag.secrets["other"]', ''), {}, granted)
    expect(fine.output).toBe('***\n')
  })

  test('runs a script that is given as text', async () => {
    const { stored } = await call(null, '', {
      script: 'Digdag.env.store(n: Digdag.env.params["a"] + 1)',
      a: 1,
    })
    expect(stored).toEqual({ n: 2 })
  })
})
