import type { OperatorSpec } from '#workflows/dig/operators/spec.ts'
import { operators } from '#workflows/dig/operators/table.ts'
import { taskErrorCodes } from '#workflows/domain/task-error.ts'

const places = {
  step: "in the workflow's steps, side by side with whatever is ready; no slot is waited for",
  bigquery: 'on the task queue `bigquery`: 100 at a time for each worker',
  transfer: 'on the task queue `transfer`: 10 at a time for each worker',
  command: 'on the task queue `command`: 8 at a time for each worker',
  notify: 'on the task queue `notify`: 20 at a time for each worker',
  control: 'on the task queue `control`',
} as const satisfies Record<OperatorSpec['runsOn'], string>

const retries = {
  task: 'runs the task again',
  subtasks: 'runs the tasks below it again',
  none: 'has no effect; put it on a group around the task',
} as const satisfies Record<OperatorSpec['retry'], string>

/** The page docs/operators.md, from the table of operators. */
export function operatorsPage(): string {
  const all = Object.entries<OperatorSpec>(operators)
  return `# Operators

Written by \`npm run operators:page\` from \`workflows/dig/operators/table.ts\`; a test holds the two together. What the
operators do beyond Digdag, and where they differ on purpose, is beside their code (\`activities/*/README.md\`) and in
[digdag-compatibility.md](digdag-compatibility.md). A team's own operators: [own-operators.md](own-operators.md).

| operator | what it does |
| --- | --- |
${all.map(([name, { summary }]) => `| [\`${name}>\`](#${name}) | ${summary} |`).join('\n')}

${all.map(([name, spec]) => section(name, spec)).join('\n')}
## When SQL fails

The error of a failed \`bq>\` or \`pg>\` says reason, message and where: \`BigQuery invalidQuery: Unrecognized name: amuont at
[3:8] (queries/report.sql, line 3: "select amuont")\`. The task's log shows the SQL as it was run, \`\${…}\` evaluated and
secrets taken out, with the line marked; of a text of more than 30 lines what is around it. Where a \`\${…}\` came to
several lines, both lines are said, the file's and that of the text. Where no position is given, marked is the only line
that holds what the message names, if there is one, and the error says "probably".

## Error codes

A task that failed has a sentence in \`error\`, for people, and one of these words, for alerts and queries: \`errorCode\` in the
API, \`error_code\` in \`reporting.tasks\`.

| code | |
| --- | --- |
${Object.entries(taskErrorCodes)
  .map(([code, text]) => `| \`${code}\` | ${text} |`)
  .join('\n')}
`
}

function section(name: string, spec: OperatorSpec): string {
  const { summary, runsOn, secrets, retry, options, defaults, bodies, runsCommand } = spec
  const facts = [
    `runs ${places[runsOn]}`,
    secrets.length === 0
      ? 'reads no secrets'
      : secrets.includes('*')
        ? 'may read any secret of the project'
        : `reads the secrets ${secrets.map((key) => `\`${key}\``).join(', ')}`,
    `\`_retry\` ${retries[retry]}`,
    ...(defaults === undefined
      ? []
      : [`defaults of its parameters may be written below \`_export: ${defaults}:\``]),
    ...(bodies === undefined ? [] : [`runs ${bodies.map((key) => `\`${key}\``).join(' or ')}`]),
    ...(runsCommand === true ? ['`_env` sets variables of its environment'] : []),
  ]
  return `## ${name}>

\`${name}>\` ${summary}.

${facts.map((fact) => `- ${fact}`).join('\n')}
${optionsOf(options)}`
}

function optionsOf(options: OperatorSpec['options']): string {
  if (options === undefined) return '- every other key beside it is a parameter\n'
  const rows = Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1))
  if (rows.length === 0) return ''
  return `
| option | |
| --- | --- |
${rows.map(([option, text]) => `| \`${option}\` | ${text} |`).join('\n')}
`
}
