import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Operator } from '#activities/task/operator.ts'
import { operatorTable } from '#workflows/dig/index.ts'
import { readOwnOperator } from './own-operator-shape.ts'

/** Every mistake in a team's own operators at once, each with its file and how to fix it. */
export class OwnOperatorError extends Error {
  constructor(mistakes: readonly string[]) {
    super(['These operators cannot be used (docs/own-operators.md):', ...mistakes].join('\n  - '))
    this.name = 'OwnOperatorError'
  }
}

/** Where a team's own operators are looked for when nobody says otherwise, if it is there. */
const usualFolder = 'operators'

/**
 * Loads a team's own operators: every TypeScript or JavaScript file of the folder that SUIRO_OPERATORS
 * names exports one as `operator`. Throws an OwnOperatorError that names all mistakes.
 */
export async function loadOwnOperators(setting: string | undefined): Promise<readonly Operator[]> {
  const folder = resolve(setting ?? usualFolder)
  if (setting === undefined && !existsSync(folder)) return []
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    throw new OwnOperatorError([
      `SUIRO_OPERATORS names ${folder}, which is no folder: make it, or name another`,
    ])
  }
  const mistakes: string[] = []
  const files = new Map<string, string>()
  const operators: Operator[] = []
  for (const name of (await readdir(folder)).filter(isSource).sort()) {
    const file = join(folder, name)
    const operator = readOwnOperator(await load(file, mistakes), (mistake) => {
      mistakes.push(`${file} ${mistake}`)
    })
    if (operator === undefined) continue
    const other = files.get(operator.name)
    if (operatorTable.has(operator.name)) {
      mistakes.push(
        `${file} is called "${operator.name}", as an operator of Suiro's own: rename it`,
      )
    } else if (other !== undefined) {
      mistakes.push(`${file} and ${other} are both called "${operator.name}": rename one`)
    }
    files.set(operator.name, file)
    operators.push(operator)
  }
  if (mistakes.length > 0) throw new OwnOperatorError(mistakes)
  return operators
}

/** Tests, type declarations and what begins with `_` or `.` are no operators. */
const isSource = (name: string): boolean =>
  /^[^_.].*\.m?[jt]s$/.test(name) && !/\.(test|spec|d)\.m?[jt]s$/.test(name)

async function load(file: string, mistakes: string[]): Promise<object | undefined> {
  try {
    return (await import(pathToFileURL(file).href)) as object
  } catch (error) {
    mistakes.push(
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    )
    return undefined
  }
}
