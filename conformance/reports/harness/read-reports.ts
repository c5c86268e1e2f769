import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { Entry, Report } from './report.ts'

const root = fileURLToPath(new URL('../cases/', import.meta.url))

export interface NamedReport extends Report {
  readonly name: string
  readonly files: readonly Entry[]
}

/** All reports in order of name. */
export function readReports(): readonly NamedReport[] {
  return readdirSync(root)
    .sort()
    .map((name) => {
      const folder = join(root, name)
      const report = parse(readFileSync(join(folder, 'report.yml'), 'utf8')) as Report
      return { name, files: filesOf(folder), ...report }
    })
}

function filesOf(folder: string): readonly Entry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'report.yml')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      name: relative(folder, path).split(sep).join('/'),
      content: readFileSync(path, 'utf8'),
      mode: (lstatSync(path).mode & 0o777).toString(8),
    }))
}
