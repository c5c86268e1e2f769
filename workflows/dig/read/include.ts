import { textOf, type JsonObject } from '../../domain/json.ts'
import { nearest } from '../did-you-mean.ts'
import type { ProblemCode } from '../problem.ts'
import { type Conversion, type Reported } from './conversion.ts'
import { folderOf, resolvePath } from './paths.ts'
import type { Spot } from './places.ts'

/** The mapping that `!include : path` stands for; undefined when there is none, which is reported. */
export function include(at: Conversion, value: unknown, spot: Spot): JsonObject | Reported {
  const written = at.convert(value)
  if (written === undefined) return undefined
  const folder = folderOf(at.file)
  const refuse = (code: ProblemCode, message: string, advice: string): Reported => {
    at.reader.onProblem({ code, message, place: at.placeAt(spot.offset), advice })
    return undefined
  }
  const path = typeof written === 'string' ? resolvePath(folder, written) : undefined
  if (path === undefined) {
    return refuse(
      'INCLUDE_OUTSIDE',
      `!include path "${textOf(written)}" is not a file below the folder of ${at.file}`,
      'Write a path relative to the file that includes, without leaving its folder by "..".',
    )
  }
  if (at.includedFrom.includes(path)) {
    return refuse(
      'INCLUDE_CYCLE',
      `${path} includes itself: ${[...at.includedFrom, path].join(' → ')}`,
      'Take one of these includes out.',
    )
  }
  if (at.reader.files.has(path)) return at.readInclude(path)
  const missing = `${path} (No such file or directory)`
  if (path.includes('${')) {
    return refuse(
      'INCLUDE_MISSING',
      missing,
      'Variables are not expanded in !include: write the path itself. call> takes a variable.',
    )
  }
  at.reader.hints -= 1
  const near = at.reader.hints > 0 ? nearest(path, at.reader.files.keys()) : undefined
  const hint = near === undefined ? '' : `Did you mean "${near}"? `
  return refuse(
    'INCLUDE_MISSING',
    missing,
    `${hint}The path is relative to ${folder === '' ? "the project's root" : folder}; files left out by .digdagignore or beginning with a dot are not in the archive.`,
  )
}
