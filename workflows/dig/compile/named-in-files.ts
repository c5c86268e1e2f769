import type { Json } from '../../domain/json.ts'
import type { ProjectTexts } from '../read/reader.ts'

/** Of each project, what has been looked for: many tasks may have the same key and file. */
const looked = new WeakMap<ProjectTexts, Map<string, boolean>>()

/**
 * Whether an expression in a file names a word. Where the path itself is known only at run time, any file may be
 * meant that ends as it does.
 */
export function isNamedInFile(word: string, path: Json | undefined, files: ProjectTexts): boolean {
  if (typeof path !== 'string') return false
  const end = path.slice(path.lastIndexOf('}') + 1)
  const isWhole = end === path
  return once(files, `${word} ${path}`, () =>
    some(
      files,
      (name) => (isWhole ? name === end || name.endsWith(`/${end}`) : name.endsWith(end)),
      (text) => text.includes('${') && text.includes(word),
    ),
  )
}

/** Whether any file of the project names a key of an exported mapping, such as `bq.table`. */
export const isNamedAnywhere = (mapping: string, key: string, files: ProjectTexts): boolean =>
  once(files, `${mapping}.${key}`, () =>
    some(
      files,
      () => true,
      (text) =>
        text.includes(`${mapping}.${key}`) ||
        [`'${key}'`, `"${key}"`].some((quoted) => text.includes(quoted)),
    ),
  )

function some(
  files: ProjectTexts,
  isMeant: (name: string) => boolean,
  holds: (text: string) => boolean,
): boolean {
  for (const name of files.keys()) {
    if (isMeant(name) && holds(files.get(name) ?? '')) return true
  }
  return false
}

function once(files: ProjectTexts, question: string, answer: () => boolean): boolean {
  const answers = looked.get(files) ?? new Map<string, boolean>()
  looked.set(files, answers)
  const known = answers.get(question) ?? answer()
  answers.set(question, known)
  return known
}
