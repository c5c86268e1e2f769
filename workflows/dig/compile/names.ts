import type { About, Report } from '../report.ts'

const forbidden = /[^A-Za-z0-9_\-=[\]{}%&@,.^`]/u
const longest = 255

/** Checks a task's name; `^` is reserved for generated names, so a top-level task may not have it. */
export function checkTaskName(name: string, topLevel: boolean, report: Report, about: About): void {
  const bare = name.slice(1)
  const refuse = (message: string, advice: string): void =>
    report.problem('TASK_NAME', message, about, advice)
  const bad = forbidden.exec(bare)?.[0] ?? (topLevel && bare.includes('^') ? '^' : undefined)
  if (bad !== undefined) {
    const better = bare.replaceAll(new RegExp(forbidden, 'gu'), '_').replaceAll('^', '_')
    const what = bad === '^' ? '^ character' : `character '${bad}'`
    refuse(`task name must not contain ${what}: "${name}"`, `Write "+${better}" instead.`)
  } else if (name.length > longest) {
    refuse(`task name is longer than ${longest} characters: "${name}"`, 'Shorten it.')
  }
}

/** Why a name cannot be a workflow's; undefined when it can. It is the name of the root task too. */
export function wrongWorkflowName(name: string): string | undefined {
  const bad = forbidden.exec(name)?.[0]
  return (
    wrongProjectName(name) ??
    (bad === undefined ? undefined : `must not contain character '${bad}'`)
  )
}

/** Why a name cannot be a project's; undefined when it can. */
export function wrongProjectName(name: string): string | undefined {
  if (name === '') return 'must not be empty'
  if (/^[0-9]/.test(name)) return 'must not begin with a digit'
  if (/^[+^@/\\:*?"<>|]/.test(name)) return `must not begin with "${name[0]}"`
  if (name.endsWith('.dig')) return 'must not end with .dig'
  if (name.length > longest) return `must not be longer than ${longest} characters`
  return undefined
}
