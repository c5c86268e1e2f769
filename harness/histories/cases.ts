/** What is recorded: workflows that together meet everything a history can hold. */
export interface Recorded {
  readonly name: string
  /** Of a project whose workflow is `main`. */
  readonly files: Readonly<Record<string, string>>
  /** Kills it as soon as this task runs or waits. */
  readonly killAt?: string
  /** Starts it again from its failed tasks; the second attempt is what is recorded. */
  readonly resumed?: true
}

const main = (text: string): Readonly<Record<string, string>> => ({
  'main.dig': `timezone: Asia/Tokyo\n${text}`,
})

export const cases: readonly Recorded[] = [
  {
    name: 'steer',
    files: {
      ...main(
        `+if: {if>: true, _do: {+a: {echo>: a}, +b: {call>: called.dig}}}
+each: {for_each>: {x: [1, 2, 3]}, _parallel: true, _do: {echo>: "\${x}"}}
+loop: {loop>: 3, _do: {+s: {sh>: "true"}}}
`,
      ),
      'called.dig': '_export: {e: 1}\n+c: {echo>: "${e}"}\n',
    },
  },
  {
    name: 'waits-in-parallel',
    files: main(
      `+p: {_parallel: true, +a: {wait>: 2s}, +b: {wait>: 3s}, +c: {sh>: sleep 2}, +d: {+e: {wait>: 1s}, +f: {echo>: f}}}\n`,
    ),
  },
  {
    name: 'retried',
    files: main(
      `+task: {sh>: 'test -n "$second" || exit 1', _retry: {limit: 1, interval: 1}, _error: {echo>: "\${error.message}"}}\n`,
    ),
  },
  {
    name: 'group-retried',
    files: main(`+g: {_retry: {limit: 2, interval: 1}, +a: {echo>: a}, +b: {fail>: no}}\n`),
  },
  {
    name: 'checked',
    files: main(`+a: {loop>: 2, _do: {echo>: x}, _check: {fail>: bad}, _error: {echo>: sorry}}\n`),
  },
  {
    name: 'merged-layers',
    files: main(
      `+l: {loop>: 70, _do: {sh>: 'echo "{\\"v\\": $i}" > "$SUIRO_OUTPUT"'}}\n+last: {echo>: "\${v}"}\n`,
    ),
  },
  {
    name: 'large-group',
    files: main(
      `+l: {loop>: 450, _parallel: true, _do: {+x: {echo>: x}, +y: {loop>: 2, _do: {echo>: y}}}}\n`,
    ),
  },
  {
    name: 'killed-while-waiting',
    files: main(
      `+p: {_parallel: true, +a: {wait>: 1h}, +b: {sh>: sleep 600}, +c: {+d: {wait>: 2h}}}\n`,
    ),
    killAt: '+main+p+b',
  },
  {
    name: 'killed-large-group',
    files: main(
      `+l: {loop>: 600, _parallel: true, _do: {+x: {echo>: x}, +y: {loop>: 3, _do: {echo>: y}}}}\n`,
    ),
    killAt: '+main+l',
  },
  {
    name: 'late',
    files: main(`sla: {duration: 00:00:02, +alert: {echo>: late}}\n+a: {wait>: 4s}\n`),
  },
  {
    name: 'requires',
    files: {
      ...main(`+p: {_parallel: true, +a: {require>: other}, +b: {require>: other}}\n`),
      'other.dig': 'timezone: Asia/Tokyo\n+w: {wait>: 2s}\n',
    },
  },
  {
    name: 'resumed',
    files: main(`+a: {sh>: echo done}\n+g: {+b: {echo>: b}, +c: {fail>: no}}\n`),
    resumed: true,
  },
]
