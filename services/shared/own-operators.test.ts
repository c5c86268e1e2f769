import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { compileProject } from '#workflows/dig/index.ts'
import { syntaxOf } from './own-operator-shape.ts'
import { loadOwnOperators } from './own-operators.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suiro-operators-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)

const right = (name: string): string =>
  `export const operator = { name: '${name}', async run({ config }) { return { stored: { got: config.string('_command') } } } }\n`

const mistakes = async (): Promise<string> => {
  const failure = await loadOwnOperators(folder).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  return (failure as Error).message
}

describe('own operators', () => {
  test('are one for each file, in TypeScript or JavaScript; tests and helpers are none', async () => {
    await write('b.ts', `const n: number = 1\n${right('bravo')}`)
    await write('a.mjs', right('alpha.two'))
    await write('_shared.ts', 'export const nothing = 1\n')
    await write('a.test.ts', 'throw new Error("a test was run")\n')
    await write('notes.md', 'no operator\n')
    await mkdir(join(folder, 'more'))
    const operators = await loadOwnOperators(folder)
    expect(operators.map(({ name, secrets, retries }) => ({ name, secrets, retries }))).toEqual([
      { name: 'alpha.two', secrets: [], retries: true },
      { name: 'bravo', secrets: [], retries: true },
    ])
  })

  test('are looked for in ./operators, which need not be there', async () => {
    onTestFinished(() => void vi.restoreAllMocks())
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    expect(await loadOwnOperators(undefined)).toEqual([])
    await mkdir(join(folder, 'operators'))
    await write('operators/own.ts', right('own'))
    expect((await loadOwnOperators(undefined)).map(({ name }) => name)).toEqual(['own'])
  })

  test('of the example are right, and are in the manual as they are', async () => {
    const examples = fileURLToPath(new URL('../../examples/operators', import.meta.url))
    const manual = new URL('../../docs/own-operators.md', import.meta.url)
    expect(await readFile(manual, 'utf8')).toContain(
      await readFile(join(examples, 'slack.ts'), 'utf8'),
    )
    const [slack] = await loadOwnOperators(examples)
    expect(slack).toMatchObject({ name: 'slack', secrets: ['slack.*'], options: ['channel'] })
  })

  test('are passed to a push with their parameters and the directives that they read', async () => {
    const options = `options: ['channel', '_do'], retries: false`
    await write('own.ts', right('own').replace("name: 'own'", `name: 'own', ${options}`))
    const warnings = (await loadOwnOperators(folder)).flatMap((operator) => {
      const task =
        '+a:\n  own>: x\n  chanel: y\n  own: {channel: z}\n  _do: {echo>: hi}\n  _retry: 1\n'
      return compileProject(new Map([['daily.dig', task]]), {
        isTimezone: () => true,
        ownOperators: [syntaxOf(operator)],
      }).warnings
    })
    expect(warnings.map(({ message, advice }) => `${message}: ${advice}`)).toEqual([
      `Parameter 'chanel' is not used at task: Did you mean "channel:"?`,
      expect.stringContaining('_retry has no effect on own>'),
    ])
  })

  test('that are wrong are reported all at once, each with its file and how to fix it', async () => {
    await write('broken.ts', 'export const operator = {\n')
    await write('default.ts', 'export default {}\nexport const Operator = 1\n')
    await write('empty.ts', 'export {}\n')
    await write('missing.ts', "import './no-such-file.ts'\n")
    await write(
      'shape.ts',
      'export const operator = { name: "Slack>", secret: [], retries: 3, queue: "control" }\n',
    )
    await write('sh.ts', right('sh'))
    await write('twice-1.ts', right('twice'))
    await write('twice-2.ts', right('twice'))
    const reported = await mistakes()
    const lines = reported.split('\n  - ')
    expect(lines[0]).toBe('These operators cannot be used (docs/own-operators.md):')
    const at = (name: string) => lines.filter((line) => line.startsWith(join(folder, name)))
    expect(at('broken.ts')[0]).toContain('cannot be loaded: ')
    expect(at('default.ts')[0]).toContain(
      'exports default, Operator, but no object called "operator": write export const operator',
    )
    expect(at('empty.ts')[0]).toContain('exports nothing, but no object called "operator"')
    expect(at('missing.ts')[0]).toContain('cannot be loaded: ')
    expect(at('shape.ts').map((line) => line.slice(join(folder, 'shape.ts').length + 1))).toEqual([
      'needs a "name" of small letters, digits and "_", as it is written before the ">", for example name: \'slack\'',
      'needs a function "run", for example async run({ config, log }) { … }',
      'has a "retries" that is neither true nor false',
      'has a "queue" that is none of bigquery, transfer, command, notify',
      'has members that mean nothing here: secret. An operator has name, secrets, retries, options, queue, run',
    ])
    expect(at('sh.ts')[0]).toContain(`is called "sh", as an operator of Suiro's own: rename it`)
    expect(at('twice-2.ts')[0]).toContain(
      `and ${join(folder, 'twice-1.ts')} are both called "twice": rename one`,
    )
  })

  test('need a folder where one is named', async () => {
    folder = join(folder, 'none')
    expect(await mistakes()).toContain(
      `SUIRO_OPERATORS names ${folder}, which is no folder: make it, or name another`,
    )
  })
})
