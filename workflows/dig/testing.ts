import { compileProject } from './index.ts'
import type { CompiledProject, CompileOptions } from './compile-project.ts'

const zones = ['UTC', 'Asia/Tokyo', '+09:00']

/** Pushes files, or the one file `a.dig`. */
export function compile(
  files: Readonly<Record<string, string>> | string,
  options: Partial<CompileOptions> = {},
): CompiledProject {
  const texts = typeof files === 'string' ? { 'a.dig': files } : files
  return compileProject(new Map(Object.entries(texts)), {
    isTimezone: (zone) => zones.includes(zone),
    ...options,
  })
}

/** Problems or warnings as `CODE line:column`, in the order of the file. */
export const placed = (problems: CompiledProject['problems']): readonly string[] =>
  problems
    .toSorted((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0))
    .map(({ code, place }) => `${code} ${place?.line}:${place?.column}`)
