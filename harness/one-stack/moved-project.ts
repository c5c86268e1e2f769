/** The files of a data team's project, as they lie in its repository: 20 workflows, what they include, and scripts. */
export function movedProject(): Readonly<Record<string, string>> {
  const workflows = businesses.flatMap((business) =>
    Object.entries(workflowsOf(business)).map(([name, dig]) => [`${business}_${name}.dig`, dig]),
  )
  return { ...(Object.fromEntries(workflows) as Record<string, string>), ...shared }
}

export const businesses = ['shops', 'payments', 'reservations', 'registers'] as const

/** With their schedules, as the API lists them. */
export const scheduled = ['daily', 'hourly', 'month', 'weekdays'] as const

const shared = {
  'config/common.yml': 'region: tokyo\nlimits: {rows: 1000, share: 0.5}\n',
  'config/retry.yml': '_retry: 2\n',
  'scripts/prepare.sh': '#!/bin/sh\nset -e\necho "prepared $1 in $region"\n',
  'tasks/__init__.py': '',
  'tasks/counting.py': `import digdag

def count(business, rows):
    print("counted", business, int(rows) + 1)
    digdag.env.store({"counted": {"rows": int(rows) + 1}})
`,
  'queries/daily.sql': 'SELECT 1\n',
  'README.md': '# Batches\n',
}

const workflowsOf = (business: string): Readonly<Record<string, string>> => ({
  daily: `timezone: Asia/Tokyo
schedule:
  daily>: 03:00:00
_export:
  business: ${business}
  !include : config/common.yml
+prepare:
  sh>: scripts/prepare.sh \${business}
+count:
  py>: tasks.counting.count
  rows: \${limits.rows}
+each:
  for_each>:
    part: [first,
    second]
  _parallel: true
  _do:
    +say:
      echo>: "\${business} \${part} \${counted.rows} \${session_local_time}"
+check:
  call>: ${business}_check.dig
`,
  hourly: `timezone: UTC
schedule:
  hourly>: "30:00"
+when:
  if>: \${session_time.indexOf('2026') == 0}
  _do:
    +times:
      loop>: 2
      _do:
        +one:
          echo>: ${business} hour \${i}
  _else_do:
    +no:
      fail>: wrong year
`,
  check: `_export:
  !include : config/common.yml
+share:
  !include : config/retry.yml
  sh>: test "\${limits.share}" = 0.5 && echo "share of ${business} is right"
`,
  month: `timezone: Asia/Tokyo
schedule:
  monthly>: 1,09:00:00
+before:
  require>: ${business}_check
  session_time: \${moment(session_time).startOf('month').format()}
+done:
  echo>: ${business} of \${moment(session_time).format('YYYY-MM')}
`,
  weekdays: `timezone: Asia/Tokyo
schedule:
  cron>: "15 7 * * 1-5"
  skip_on_overtime: true
sla:
  duration: 02:00:00
  +late:
    echo>: late
_error:
  +tell:
    echo>: \${error.message}
+together:
  _parallel: {limit: 2}
  +a: {sh>: "echo a >> seen.txt"}
  +b: {sh>: "echo b"}
+after:
  echo>: ${business} at \${session_local_time}
  _check:
    +seen:
      echo>: checked ${business}
`,
})
