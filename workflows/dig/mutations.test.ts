import { expect, test } from 'vitest'
import { formatProblem, type Problem } from './index.ts'
import { compile } from './testing.ts'

const seeds: readonly string[] = [
  `timezone: Asia/Tokyo
schedule:
  daily>: 07:00:00
  skip_on_overtime: true
sla:
  duration: 02:00
  +notice: {echo>: late}
_export:
  bq: {dataset: sales, location: EU}
  day: \${session_date}
  !include : config/params.yml
_error:
  mail>: {data: it went wrong}
  subject: late
  to: [data@example.com]

+load:
  for_each>: {shop: [tokyo, osaka], kind: ["orders", "items"]}
  _parallel: {limit: 2}
  _do:
    bq_load>: gs://bucket/\${shop}/\${kind}.csv
    destination_table: "\${shop}_\${kind}"
    _retry: {limit: 3, interval: 10, interval_type: exponential}
+check:
  _parallel: true
  +rows:
    if>: \${rows > 0}
    _do: {echo>: fine}
    _else_do:
      fail>: |
        nothing
        came
  +late: &late
    sh>: scripts/late.sh
    _env: {A: "1", B: \${day}}
    _after: [+rows]
  +later:
    <<: *late
    _background: false
`,
  '{"+a": {"loop>": 3, "_do": {"+b": {"echo>": "${i}"}}}, "_retry": 2, "_parallel": false}\n',
]

const scraps = [
  '\t',
  '  ',
  '\n',
  ': ',
  '- ',
  '? ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '&a ',
  '*a',
  '!include : ',
  '!!int ',
  '!x ',
  '<<: ',
  '---\n',
  '%',
  '@',
  '|\n',
  '>-\n',
  '#',
  '\0',
  '\uFFFD',
  '\ud800',
  '日本',
  '~',
  '0b_',
  '1e999',
  '__proto__: ',
  'constructor: 1\n',
  '_disable: ',
  '_parallel: ',
  '_after: ',
  '_error: ',
  '_do: ',
  'schedule: ',
  'sla: ',
  'timezone: ',
  'cron>: ',
  'td>: x\n',
  '+: ',
  '${',
  'null: ',
]

/** Mulberry32: the same numbers for the same seed, on every machine. */
function randomBy(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A text with a few places changed as a slip of the hand or a broken editor would. */
function mutated(text: string, random: (below: number) => number): string {
  let result = text
  for (let change = 0; change <= random(4); change += 1) {
    const at = random(result.length + 1)
    const length = random(12)
    const lines = result.split('\n')
    switch (random(6)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length)
        break
      case 1:
        result = result.slice(0, at) + scraps[random(scraps.length)] + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + scraps[random(scraps.length)] + result.slice(at + length)
        break
      case 3:
        lines.splice(random(lines.length), 0, lines[random(lines.length)] ?? '')
        result = lines.join('\n')
        break
      case 4:
        lines.splice(random(lines.length), 1 + random(3))
        result = lines.join('\n')
        break
      default:
        lines[random(lines.length)] =
          `${' '.repeat(random(6))}${(lines[random(lines.length)] ?? '').trimStart()}`
        result = lines.join('\n')
    }
  }
  return result
}

/** What a reader of a problem would miss. */
function lacks(problem: Problem, files: Readonly<Record<string, string>>): readonly string[] {
  const { place, advice, message } = problem
  const lines = files[place?.file ?? '']?.split(/\r?\n/)
  const line = lines?.[(place?.line ?? 0) - 1]
  return [
    ...(line === undefined || place === undefined ? [`no place: ${message}`] : []),
    ...(line === place?.text ? [] : [`other words than the line's: ${message}`]),
    ...((place?.column ?? 0) <= (line ?? '').length + 2 ? [] : [`beyond the line: ${message}`]),
    ...(/\w/.test(advice ?? '') ? [] : [`no advice: ${message}`]),
    ...(formatProblem(problem).includes(message) ? [] : [`not reported: ${message}`]),
  ]
}

test.each([1, 2, 3, 4])(
  'mutation run %i: nothing throws, and every mistake has a place and advice',
  (run) => {
    const lacking: unknown[] = []
    let refused = 0
    for (let round = 0; round < 400; round += 1) {
      const random = randomBy(run * 100_003 + round)
      const files = {
        'a.dig': mutated(seeds[random(seeds.length)] ?? '', random),
        'config/params.yml': mutated('x: 1\no: {k: [1, 2]}\n!include : more.yml\n', random),
        'config/more.yml': mutated('y: 2\n', random),
        'sub/b.dig': mutated(seeds[1] ?? '', random),
      }
      const { workflows, problems, warnings } = compile(files)
      if (problems.length > 0) refused += 1
      // A push either refuses, or knows every workflow of the root; and what it knows can be stored.
      const silent = problems.length === 0 && workflows.length !== 1 ? ['a workflow is lost'] : []
      const found = [...silent, ...[...problems, ...warnings].flatMap((each) => lacks(each, files))]
      if (found.length > 0) lacking.push({ found, files })
      if (JSON.stringify(workflows).includes('\\u0000')) lacking.push({ found: ['U+0000'], files })
    }
    expect(lacking).toEqual([])
    expect(refused).toBeGreaterThan(100)
  },
)
