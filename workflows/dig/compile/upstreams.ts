import type { Json, JsonObject } from '../../domain/json.ts'
import type { Report } from '../report.ts'
import type { Parallel } from './parallel.ts'

interface Sibling {
  readonly name: string
  /** The sibling's whole mapping. */
  readonly mapping: JsonObject
}

/** For each child of a group the places of the siblings it waits for (DIGDAG-SPEC 1.6). */
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
    if (isTrue(mapping['_background'])) {
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
    if (isTrue(mapping['_background'])) {
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
    for (const after of listOf(mapping['_after'])) {
      const earlier = places.get(after)
      if (earlier === undefined) {
        const known = [...places.keys()].join(', ')
        report.problem(
          'AFTER_UNKNOWN',
          `Dependency task '${after}' does not exist`,
          { mapping, key: '_after' },
          known === ''
            ? '"_after" names tasks of the same group that stand before this one; there is none.'
            : `"_after" names tasks of the same group that stand before this one: ${known}.`,
        )
      } else upstreams.add(earlier)
    }
    places.set(name, place)
    return [...upstreams].sort((a, b) => a - b)
  })
}

const isTrue = (value: Json | undefined): boolean => value === true || value === 'true'

function listOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(String) : []
}
