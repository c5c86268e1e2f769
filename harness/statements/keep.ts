import { readFileSync, writeFileSync } from 'node:fs'

/** What the schema's own tools send, and what needs no table. */
const isData = (text: string): boolean =>
  /^\s*(select|insert|update|delete|with)\b/i.test(text) && !text.includes('schema_version')

/** Statements that differ in the number of their rows have one form. */
const formOf = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\$\d+/g, '$')
    .replaceAll(/(\([^()]*\)), (\1(, )?)+/g, '$1')

/** Of what the tests sent to PostgreSQL, keeps one statement of each form in `releases/NAME.json`; says how many. */
export function keepStatements(recorded: string, name: string): string {
  const forms = new Map<string, string>()
  for (const line of readFileSync(recorded, 'utf8').trim().split('\n')) {
    const text = JSON.parse(line) as string
    const form = formOf(text)
    const before = forms.get(form)
    if (isData(text) && (before === undefined || text.length < before.length)) forms.set(form, text)
  }
  const kept = [...forms.values()].sort()
  const file = new URL(`./releases/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
  return `${kept.length} statements in ${file.pathname}`
}
