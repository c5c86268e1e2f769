type Files = Readonly<Record<string, string>>

/** The project that was pushed to the real Digdag, in the order of its archive. */
export const demo: Files = {
  'slow.dig': '+s:\n  sh>: sleep 60\n\n+after:\n  echo>: never\n',
  'hourly.dig': 'schedule:\n  hourly>: "30:00"\n\n+t:\n  echo>: hourly ${session_time}\n',
  'proj.dig': [
    'timezone: UTC',
    '+setup:\n  sh>: echo start ${session_time}',
    '+disp_current_date:\n  sh>: date',
    '+repeat:\n  for_each>:\n    order: [first, second, third]\n    animal: [dog, cat]',
    '  _do:\n    sh>: scripts/myscript.sh ${order} ${animal}\n  _parallel: false',
    '+teardown:\n  sh>: echo finish ${session_time}\n',
  ].join('\n'),
  'sched.dig': [
    'schedule:\n  daily>: "03:00:00"',
    'sla:\n  duration: "02:00:00"\n  alert: true\n  +notice:\n    echo>: sla',
    '+t:\n  echo>: scheduled ${session_time}\n',
  ].join('\n'),
  'scripts/myscript.sh': 'echo "$1" "$2"\n',
  'main.dig': [
    'timezone: Asia/Tokyo',
    '_export:\n  greeting: hello',
    '_error:\n  +cleanup:\n    echo>: error handler ran',
    '+first:\n  echo>: ${greeting} ${session_time}',
    '+group:\n  _parallel: true\n  +a:\n    sh>: echo out-a; echo err-a 1>&2',
    '  +b:\n    sh>: echo b ${env_name}',
    '+store:\n  echo>: storing',
    '+maybe_fail:\n  sh>: test -f there || exit 3',
    '+last:\n  echo>: done\n',
  ].join('\n'),
}

const w = (content: string): Files => ({ 'w.dig': content })

/** What else was pushed, by the number of the exchange: mostly mistakes. */
export const rejected: Readonly<Record<number, Files>> = {
  312: w('+a:\n  echo>: [\n'),
  313: w('schedule:\n  daily>: 99:00\n+a:\n  echo>: x\n'),
  314: w('timezone: Mars/X\n+a:\n  echo>: x\n'),
  315: w('+a:\n  echo>: x\n  sh>: z\n  foo: y\n'),
  316: w('+a:\n  nosuchop>: 1\n'),
  317: w('+a:\n  echo>: x\n  +b: {}\n'),
  318: w('+a:\n  echo>: x\n+b:\n  echo>: y\n+a:\n  echo>: z\n'),
  319: w('+a:\n  echo>: hi\n'),
  320: w('+a:\n  echo>: hi\n'),
  321: w('+a:\n  echo>: hi\n'),
}

const mainOfPage = (exitCode: number): string =>
  [
    'timezone: Asia/Tokyo',
    '_export:\n  greeting: hello',
    '+first:\n  echo>: ${greeting} ${session_time}',
    '+group:\n  _parallel: true\n  +a:\n    sh>: seq 1 60000',
    '  +b:\n    sh>: bash scripts/myscript.sh',
    `+maybe_fail:\n  sh>: exit ${exitCode}\n`,
  ].join('\n')

/** What was typed into the editor of Digdag's own web page, in the order of its archive. */
export const madeInPage: Files = {
  'main.dig': mainOfPage(3),
  'slow.dig': '+s:\n  sh>: sleep 60\n',
  'sched.dig':
    'timezone: UTC\nschedule:\n  daily>: "03:00:00"\n+t:\n  echo>: scheduled ${session_time}\n',
  'scripts/myscript.sh': 'echo "$1" "$2"\n',
}

/** The same after it was edited there, so that its last task succeeds. */
export const editedInPage: Files = { ...madeInPage, 'main.dig': mainOfPage(0) }

/** What was saved there and refused. */
export const mistakenInPage: Files = { 'new.dig': '+a:\n  echo>: [\n' }
