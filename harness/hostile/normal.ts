import { workflow, type Places, type Scenario } from './scenario.ts'

/** What teams run: each must end in success, whoever runs beside it. */
export const normalScenarios = ({ pg }: Places): readonly Scenario[] =>
  [
    {
      name: 'commands',
      files: {
        'main.dig': workflow({
          '+s': { 'sh>': 'seq 1 2000; sleep 0.2; echo {\\"n\\":2} > $SUIRO_OUTPUT' },
          '+p': { 'py>': 'work.run', n: '${n}' },
          '+e': { 'echo>': '${n} ${m}' },
        }),
        'work.py':
          'import digdag\ndef run(n):\n    print(int(n))\n    digdag.env.store({"m": int(n) + 1})\n',
      },
    },
    {
      name: 'databases',
      files: {
        'main.dig': workflow({
          '+p': { 'pg>': { data: 'select 7 as n' }, pg, store_last_results: 'first' },
          '+b': { 'bq>': { data: 'SELECT ${pg.last_results.n} AS n' } },
        }),
      },
    },
    {
      name: 'control',
      files: {
        'main.dig': workflow({
          '+w': { 'wait>': '1s' },
          '+l': { 'loop>': 30, _parallel: true, _do: { '+e': { 'echo>': '${i}' } } },
          '+f': { 'for_each>': { x: [1, 2, 3] }, _do: { '+s': { 'sh>': 'echo ${x}' } } },
          '+r': { _retry: 1, '+a': { 'if>': true, _do: { '+c': { 'call>': 'part.dig' } } } },
          '+q': { 'require>': 'other', rerun_on: 'failed' },
        }),
        'part.dig': workflow({ '+e': { 'echo>': 'part' } }),
        'other.dig': workflow({ '+e': { 'sh>': 'echo other' } }),
      },
    },
  ].map((scenario) => ({ ...scenario, ends: 'success' as const }))

/** Runs by itself, every minute. */
export const scheduled = {
  'main.dig': workflow({
    schedule: { 'minutes_interval>': 1 },
    '+e': { 'echo>': '${session_time}' },
  }),
}
