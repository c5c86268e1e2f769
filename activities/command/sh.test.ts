import { describe, expect, test, vi } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { operatorContext, type TestContext, type TestTask } from '../testing/operator-context.ts'
import { createCommandExecutor } from './executor.ts'
import { createSh } from './sh.ts'

const sh = createSh(createCommandExecutor())

/** Runs a script and answers what it printed. */
async function output(script: string, params: JsonObject = {}, task: TestTask = {}) {
  const context = contextOf(script, params, task)
  await sh.run(context)
  return context.output()
}

const contextOf = (script: string, params: JsonObject, task: TestTask = {}): TestContext =>
  operatorContext(sh, { ...params, _command: script, _type: 'sh' }, task)

describe('sh>', () => {
  test('runs several lines without stopping at the first failure', async () => {
    expect(await output('echo one\nfalse\necho two\n')).toBe('one\ntwo\n')
  })

  test('fails with the exit code of its script', async () => {
    const context = contextOf('echo out; echo err >&2; exit 4', {})
    await expect(sh.run(context)).rejects.toMatchObject({
      message: 'Command failed with code 4',
      printed: 'out\nerr',
    })
    expect(context.output()).toBe('out\nerr\n')
    await expect(sh.run(contextOf('exit 4', {}))).rejects.toMatchObject({ printed: '' })
  })

  test('fails with the last lines that it printed, as they were seen', async () => {
    const failed = async (script: string, task: TestTask = {}): Promise<string> => {
      const error = await sh.run(contextOf(script, {}, task)).catch((thrown: unknown) => thrown)
      return (error as { readonly printed: string }).printed
    }
    expect(await failed('seq 1 100000; exit 1')).toBe('99996\n99997\n99998\n99999\n100000')
    const drawn = String.raw`printf '10 %%\r20 %%\r30 %%\r\n\033[31mred\033[0m\007\n\n\n'; exit 1`
    expect(await failed(drawn)).toBe('30 %\nred')
    const long = await failed(`python3 -c 'print("\u00e4" * 3000); print("the end")'; exit 1`)
    expect(long).toBe('the end')
    const longest = await failed(`python3 -c 'print("Error: " + chr(0x1f600) * 3000)'; exit 1`)
    expect(longest).toMatch(/^Error: \u{1F600}+ … \(\d+ characters left out\) … \u{1F600}+$/u)
    expect(longest.length).toBeLessThan(1_050)
    const secrets = { token: `tok-${'12345'.repeat(300)}` }
    expect(await failed('echo "refused: ${secret:token}"; exit 1', { secrets })).toBe(
      'refused: ***',
    )
  })

  test('fails with whole frames of a Python stack', async () => {
    const files = {
      'etl.py':
        'def load(day):\n    return fetch(day)\ndef fetch(day):\n    raise ValueError("no " + day)\nload("monday")\n',
    }
    const error = await sh
      .run(contextOf('python3 etl.py', {}, { files }))
      .catch((thrown: unknown) => thrown)
    expect((error as { readonly printed: string }).printed).toMatch(
      /^ {2}File ".*etl\.py", line 4, in fetch\n {4}raise .*\nValueError: no monday$/,
    )
  })

  test.each(['.digdag', '.digdag/tmp'])(
    'runs beside a file of the project called %s',
    async (name) => {
      const files = { [name]: 'mine' }
      expect(await output(`cat ${name}; echo '{"a": 1}' > $SUIRO_OUTPUT`, {}, { files })).toBe(
        'mine\n',
      )
    },
  )

  test('runs in the project, or in _workdir', async () => {
    const files = { 'scripts/s.sh': 'echo "script $1 in $(basename "$PWD")"\n', 'here.txt': 'x' }
    expect(await output('sh scripts/s.sh arg; ls', {}, { files })).toMatch(
      /^script arg in suiro-\w+\nhere.txt\nscripts\n$/,
    )
    const params = { _workdir: 'scripts' }
    expect(await output('sh s.sh arg', params, { files })).toBe('script arg in scripts\n')
    await expect(output('pwd', { _workdir: '..' }, { files })).rejects.toThrow(
      "_workdir '..' is outside of the project",
    )
    await expect(output('pwd', { _workdir: 'none' }, { files })).rejects.toThrow(
      "_workdir 'none' is not a folder of the project",
    )
  })

  test('has its parameters as variables, other values than texts as JSON', async () => {
    const params = {
      plain: 'v',
      'with.dot': 1,
      o: { n: 2 },
      none: null,
      yes: true,
      _env: { MINE: 'm' },
    }
    expect(await output('echo "$plain $MINE [$o] $none $yes"', params)).toBe(
      'v m [{"n":2}] null true\n',
    )
  })

  test('takes _env over parameters, and parameters over what the worker has', async () => {
    const params = { HOME: '/from/parameter', LANG: 'C', _env: { LANG: 'fr' } }
    expect(await output('echo $HOME $LANG', params)).toBe('/from/parameter fr\n')
  })

  test('knows nothing of the worker but what any program needs', async () => {
    const own = ['DATABASE_URL', 'SUIRO_SECRET_KEY', 'TEMPORAL_ADDRESS', 'PGPASSWORD']
    const google = ['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'NODE_OPTIONS']
    for (const name of [...own, ...google]) vi.stubEnv(name, 'leaked')
    vi.stubEnv('TZ', 'Asia/Tokyo')
    const printed = await output('env; echo $TZ')
    vi.unstubAllEnvs()
    expect(printed).not.toContain('leaked')
    expect(printed).toContain(`PATH=${process.env['PATH']}\n`)
    expect(printed).toContain('\nAsia/Tokyo\n')
    const names = printed.match(/^\w+(?==)/gm) ?? []
    const shells = ['PWD', 'OLDPWD', 'SHLVL', '_', 'SUIRO_OUTPUT', 'SUIRO_COMMAND']
    const known = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SHELL']
    expect(
      names.filter((name) => ![...known, ...shells, '_command', '_type'].includes(name)),
    ).toEqual([])
  })

  test('reads secrets in its script and in _env, and prints them masked', async () => {
    const secrets = { 'api.token': 'tok-12345', other: 'o-98765' }
    const params = { _env: { TOKEN: '${secret:api.token}' } }
    const script = 'test "$TOKEN" = tok-12345 && echo "$TOKEN ${secret:other} ${#TOKEN}"'
    expect(await output(script, params, { secrets })).toBe('*** *** 9\n')
    await expect(output('echo ${secret:none}', {}, { secrets })).rejects.toThrow(
      "Secret not found for key: 'none'",
    )
  })

  test('stores what it writes to the file that $SUIRO_OUTPUT names', async () => {
    const run = (script: string) => sh.run(contextOf(script, { o: { n: 2 } }))
    expect(await run(`echo '{"rows": 3, "o": '"$o"'}' > "$SUIRO_OUTPUT"`)).toEqual({
      stored: { rows: 3, o: { n: 2 } },
    })
    expect(await run('true')).toEqual({})
    expect(await run(': > "$SUIRO_OUTPUT"')).toEqual({})
    await expect(run('echo "{}" > "$SUIRO_OUTPUT"; exit 4')).rejects.toThrow(
      'Command failed with code 4',
    )
  })

  test('says what is wrong with what it wrote to be stored', async () => {
    const run = (script: string) => sh.run(contextOf(script, {}))
    const wrong = 'What the command wrote to $SUIRO_OUTPUT cannot be stored: '
    await expect(run('echo rows=3 > "$SUIRO_OUTPUT"')).rejects.toThrow(`${wrong}it holds no JSON (`)
    await expect(run('echo "[1]" > "$SUIRO_OUTPUT"')).rejects.toThrow(
      `${wrong}it holds JSON, but no object. Write an object, for example {"rows": 3}`,
    )
    await expect(run('mkfifo "$SUIRO_OUTPUT"')).rejects.toThrow(`${wrong}it is no plain file`)
    await expect(run('ln -s /etc/passwd "$SUIRO_OUTPUT"')).rejects.toThrow('it is no plain file')
    await expect(run('truncate -s 17M "$SUIRO_OUTPUT"')).rejects.toThrow('larger than 16 MB')
  })

  test('refuses an _env that is no text', async () => {
    await expect(output('echo x', { _env: { S: { secret: 'my.key' } } })).rejects.toThrow(
      /^Expected string type for key 'S' but got {"secret":"my.key"} \(object\)$/,
    )
    await expect(output('echo x', { _env: { 'a-b': 'c' } })).rejects.toThrow(
      'Invalid _env key name: a-b',
    )
    expect(await output('echo $N $B', { _env: { N: 3, B: true } })).toBe('3 true\n')
  })

  test('runs although a parameter is too long for a variable, and says which', async () => {
    const params = { rows: Array.from({ length: 20_000 }, (_, n) => `row ${n}`), small: 'here' }
    expect(await output('echo "[$rows] $small"', params)).toBe(
      "The parameter 'rows' is no environment variable here: it is too long or holds a NUL\n[] here\n",
    )
  })

  test('uses the shell that is set, also from below sh', async () => {
    const script = 'print("it is", "python")'
    expect(await output(script, { shell: ['python3'] })).toBe('it is python\n')
    expect(await output(script, { sh: { shell: ['python3', '-B'] } })).toBe('it is python\n')
    await expect(output('x', { shell: ['no-shell'] })).rejects.toThrow(
      'Cannot run program "no-shell"',
    )
  })

  test('is ended when the attempt is killed', async () => {
    const context = contextOf('echo ready; sleep 30', {})
    const running = sh.run(context)
    running.catch(() => undefined)
    await vi.waitFor(() => expect(context.output()).toBe('ready\n'), 5000)
    context.abort(new Error('killed'))
    await expect(running).rejects.toThrow('killed')
  })
})
