import type { JsonObject } from '../../domain/json.ts'
import type { Report } from '../report.ts'
import { flag } from './directives.ts'
import type { Parallel } from './parallel.ts'
import { sample } from './values.ts'

interface Sibling {
  readonly name: string
  /** The sibling's whole mapping. */
  readonly mapping: JsonObject
}

/** For each child of a group the places of the siblings it waits for (docs/language.md#order). */
export function upstreamsOf(
  siblings: readonly Sibling[],
  parallel: Parallel,
  report: Report,
): readonly (readonly number[])[] {
  return parallel.kind === 'sequence'
    ? inSequence(siblings, report)
    : inParallel(siblings, parallel.limit, report)
}

/** A background task waits for nothing; the next other task waits for it. */
function inSequence(siblings: readonly Sibling[], report: Report): readonly (readonly number[])[] {
  let before: number[] = []
  return siblings.map(({ mapping }, place) => {
    if (mapping['_after'] !== undefined) {
      report.problem(
        'AFTER_WITHOUT_PARALLEL',
        'Setting "_after" option is invalid if its parent task doesn\'t have "_parallel: true" option',
        { mapping, key: '_after' },
        'Write "_parallel: true" beside the tasks, or remove "_after": tasks run in order anyway.',
      )
    }
    if (flag(mapping, '_background', report)) {
      before.push(place)
      return []
    }
    const upstreams = before
    before = [place]
    return upstreams
  })
}

/** With a limit, tasks run in chunks of that many: each chunk waits for the whole one before. */
function inParallel(
  siblings: readonly Sibling[],
  limit: number,
  report: Report,
): readonly (readonly number[])[] {
  const places = new Map<string, number>()
  return siblings.map(({ name, mapping }, place) => {
    if (flag(mapping, '_background', report)) {
      report.problem(
        'BACKGROUND_IN_PARALLEL',
        'Setting "_background: true" option is invalid (unnecessary) if its parent task has "_parallel: true" option',
        { mapping, key: '_background' },
        'Remove "_background": the tasks of this group run at the same time anyway.',
      )
    }
    const upstreams = new Set<number>()
    if (limit > 0 && place >= limit) {
      const chunk = Math.floor(place / limit) * limit
      for (let before = chunk - limit; before < chunk; before += 1) upstreams.add(before)
    }
    for (const after of namesOf(mapping, report)) {
      const earlier = places.get(after)
      if (earlier === undefined) {
        const known = [...places.keys()].join(', ')
        report.problem(
          'AFTER_UNKNOWN',
          `Dependency task '${after}' does not exist`,
          { mapping, key: '_after' },
          known === ''
            ? '"_after" names tasks of the same group that come before this one; there is none.'
            : `"_after" names tasks of the same group that come before this one: ${known}.`,
        )
      } else upstreams.add(earlier)
    }
    places.set(name, place)
    return [...upstreams].sort((a, b) => a - b)
  })
}

function namesOf(mapping: JsonObject, report: Report): readonly string[] {
  const value = mapping['_after']
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  report.problem(
    'DIRECTIVE_VALUE',
    `Expected a list of task names for key '_after' but got ${sample(value)}`,
    { mapping, key: '_after' },
    'Write for example "_after: [+first, +second]".',
  )
  return []
}
