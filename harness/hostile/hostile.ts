import { workflow, type Places, type Scenario, type Task } from './scenario.ts'

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

/** The command of one `sh>` task. */
const sh = (script: string, more: Task = {}): Task => ({ '+t': { 'sh>': script, ...more } })

const one = (
  name: string,
  ends: Scenario['ends'],
  tasks: Task,
  more: Partial<Scenario> = {},
): Scenario => ({ name, ends, ...more, files: { 'main.dig': workflow(tasks), ...more.files } })

/** Projects that do what nobody should, each in a way of its own. */
export const hostileScenarios = (places: Places): readonly Scenario[] => [
  ...outputs,
  ...processes(places),
  ...expressions,
  ...parameters,
  ...graphs,
  ...files,
  ...others(places),
]

const outputs: readonly Scenario[] = [
  one('many lines', 'success', sh('yes "a line of output" | head -c 20000000')),
  one('no newline', 'success', sh('head -c 20000000 /dev/zero | tr "\\0" x')),
  one('binary output', 'success', sh('head -c 3000000 /dev/urandom; printf "\\377\\000\\033[2J"')),
  one('endless output', 'error', sh('exec yes'), { endless: true }),
  one('closed output', 'any', sh('exec >&- 2>&-; sleep 0.3; echo x')),
  one(
    'output of many at once',
    'success',
    sh('for i in 1 2 3 4 5 6 7 8; do (yes $i | head -c 1000000) & done; wait'),
  ),
]

/** As the worker's own user some of them would end the worker: those run only where tasks have another one. */
const processes = (places: Places): readonly Scenario[] => [
  // Bounded by the number of the user's processes, and by time.
  one(
    'fork storm',
    'any',
    sh("timeout -s KILL 3 prlimit --nproc=150 /bin/sh -c 'f() { f & f; }; f' 2>/dev/null; true"),
  ),
  one('many sleepers', 'success', sh('for i in $(seq 1 40); do sleep 60 & done; exec >&- 2>&-')),
  one('own group killed', 'error', sh('sleep 60 & kill -9 0')),
  one('deaf to SIGTERM', 'error', sh("trap '' TERM INT HUP; while :; do sleep 1; done"), {
    endless: true,
  }),
  one('a session of its own', 'any', sh('setsid sleep 60 & setsid -f sleep 60 >/dev/null 2>&1')),
  one('stopped by itself', 'error', sh('kill -STOP $$'), { endless: true }),
  one('siblings killed', 'any', {
    '+p': {
      _parallel: true,
      '+a': { 'sh>': `echo $$ > ${places.folder}/$attempt_id; sleep 5` },
      '+b': {
        'sh>': `sleep 1; kill -9 $(cat ${places.folder}/$attempt_id); rm -f ${places.folder}/$attempt_id`,
      },
    },
  }),
  ...(places.separateUser
    ? [
        // A command's parent is the worker.
        one('parent killed', 'success', sh('kill -9 $PPID && exit 1; kill $PPID; sleep 0.2')),
        one(
          'the servers killed',
          'success',
          sh(
            `for p in ${places.workerPid} ${places.apiPid}; do kill -9 $p && exit 1; kill -STOP $p && exit 1; cat /proc/$p/environ && exit 1; done; exit 0`,
          ),
        ),
      ]
    : []),
]

const expressions: readonly Scenario[] = [
  one('endless expression', 'error', { '+t': { 'echo>': '${(() => { for (;;); })()}' } }),
  one('hungry expression', 'error', {
    '+t': { 'echo>': "${(() => { const a = []; for (;;) a.push('x'.repeat(1e6) + a.length) })()}" },
  }),
  one('deep expression', 'error', {
    '+t': { 'echo>': '${(function f(n) { return f(n + 1) + 1 })(0)}' },
  }),
  one('slow pattern', 'any', { '+t': { 'echo>': `\${/^(a+)+$/.test('${'a'.repeat(40)}b')}` } }),
  one('many hungry at once', 'error', {
    '+l': {
      'loop>': 20,
      _parallel: true,
      _do: { '+t': { 'echo>': "${'x'.repeat(2 ** 26)}${new Array(1e8).fill(i).join()}" } },
    },
  }),
]

const parameters: readonly Scenario[] = [
  one('huge stored params', 'any', {
    '+t': {
      'sh>': `python3 -c "import json,os; open(os.environ['SUIRO_OUTPUT'],'w').write(json.dumps({'x': 'y'*8000000}))"`,
    },
    '+u': { 'echo>': '${x.length}' },
  }),
  one('deep stored params', 'any', {
    '+t': {
      'sh>': `python3 -c "import os; open(os.environ['SUIRO_OUTPUT'],'w').write('{\\"a\\":'*100000 + '1' + '}'*100000)"`,
    },
  }),
  one('stored nonsense', 'error', sh('head -c 100000 /dev/urandom > $SUIRO_OUTPUT')),
  one('endless stored params', 'any', {
    '+t': { 'sh>': 'head -c 300000000 /dev/zero > $SUIRO_OUTPUT' },
  }),
  one('strange keys', 'any', {
    '+t': { 'param_set>': null, __proto__: null, constructor: 1, 'a b\n': { toString: 1 } },
    '+u': { 'sh>': 'echo ok' },
  }),
  one('deep given params', 'any', sh('echo ok'), {
    params: { p: JSON.parse(deep(90)) as object },
  }),
  one('large given params', 'any', sh('echo ok'), { params: { p: 'x'.repeat(500_000) } }),
]

const graphs: readonly Scenario[] = [
  one('5,000-way loop', 'success', {
    '+l': { 'loop>': 5_000, _parallel: true, _do: { '+e': { 'echo>': '${i}' } } },
  }),
  one('a loop too long', 'error', { '+l': { 'loop>': 1e9, _do: { '+e': { 'echo>': 'x' } } } }),
  one('call> of itself', 'error', { '+c': { 'call>': 'main.dig' } }),
  one('call> of itself twice', 'error', {
    '+p': { _parallel: true, '+a': { 'call>': 'main.dig' }, '+b': { 'call>': 'main.dig' } },
  }),
  one('require> of itself', 'any', { '+r': { 'require>': 'main' } }, { endless: true }),
  one('errors in _error', 'error', {
    '+t': { 'fail>': 'a', _error: { '+e': { 'fail>': '${nothing.here}' } } },
    _error: { '+e': { 'sh>': 'exit 3', _error: { '+f': { 'fail>': 'again' } } } },
  }),
  one('errors in _check', 'error', {
    '+t': { 'echo>': 'a', _check: { '+c': { 'sh>': 'exit 1', _retry: 2 } } },
  }),
  one('retries of what always fails', 'error', {
    _retry: 3,
    '+t': { 'sh>': 'echo no; exit 1', _retry: { limit: 5, interval: 0 } },
  }),
]

const files: readonly Scenario[] = [
  one('folder removed', 'any', sh('rm -rf "$PWD" ./* .[a-z]*; cd /; sleep 0.2')),
  one('folder filled', 'success', sh('head -c 60000000 /dev/zero > big; ls -l big')),
  one('many files', 'success', sh('for i in $(seq 1 3000); do : > f$i; done')),
  one('links', 'success', {
    '+a': {
      'sh>':
        'ln -s / root; ln -s . loop; ln -s loop/loop/loop x; ln -s /proc/self/mem m; mkfifo pipe; ln -s /etc/shadow main.sql',
    },
    '+b': { 'sh>': 'ls' },
  }),
  one('folder closed', 'any', sh('mkdir -p d/e; touch d/e/f; chmod 000 d; chmod 500 .')),
  one('deep folders', 'any', {
    '+t': {
      'sh>':
        "python3 -c \"import os\nfor i in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\"",
    },
  }),
  one('output file is a folder', 'any', sh('rm -f $SUIRO_OUTPUT; mkdir $SUIRO_OUTPUT')),
  one('output file is a pipe', 'any', sh('rm -f $SUIRO_OUTPUT; mkfifo $SUIRO_OUTPUT')),
  one('output file is a link', 'any', sh('ln -sf /dev/zero $SUIRO_OUTPUT')),
]

const others = ({ httpOrigin, pg }: Places): readonly Scenario[] => [
  ...['../out.csv', '/etc/out.csv', 'a\nb.csv', '.', 'd/../../x', 'x'.repeat(300)].map((name, at) =>
    one(`download name ${at}`, 'any', {
      '+t': { 'pg>': { data: 'select 1 as n' }, pg, download_file: name },
    }),
  ),
  one('large pg> result', 'any', {
    '+t': {
      'pg>': { data: "select n, repeat('x', 1000) as t from generate_series(1, 20000) n" },
      pg,
      store_last_results: 'all',
    },
  }),
  one(
    'pg> that never ends',
    'error',
    { '+t': { 'pg>': { data: 'select pg_sleep(600)' }, pg } },
    {
      endless: true,
    },
  ),
  one('pg> without a server', 'error', {
    '+t': { 'pg>': { data: 'select 1' }, pg: { ...pg, port: 1 }, _retry: 0 },
  }),
  ...['endless', 'slow', 'silent', 'broken'].map((path) =>
    one(
      `http> ${path}`,
      'any',
      {
        '+t': {
          'http>': `${httpOrigin}/${path}`,
          store_content: true,
          timeout: 5,
          retry: false,
        },
      },
      { endless: true },
    ),
  ),
  one('a secret that is not there', 'error', sh('echo ${secret:no.such.key}')),
  one('a secret in a wrong form', 'error', sh('echo "${secret:../../x y}"')),
  one('wrong configs', 'error', {
    _parallel: true,
    '+a': { 'wait>': '${"soon"}' },
    '+b': { 'for_range>': { from: '${1}', to: '${"x"}', step: '${0}' }, _do: { 'echo>': 'x' } },
    '+c': { 'for_each>': { x: '${7}' }, _do: { '+e': { 'echo>': 'x' } } },
    '+d': { 'py>': 'no.such' },
    '+e': { 'bq>': { data: 'this is no SQL' } },
    '+f': { 'call>': '${"../../etc/passwd"}' },
    '+g': { 'http>': '${"not a url"}', retry: false },
  }),
]
