import type { TaskId } from '#workflows/domain/ids.ts'
import { RequestInvalid } from '../errors.ts'

/** What may be asked of a log, as it comes. */
export interface LogQuery {
  readonly task?: string
  readonly task_id?: TaskId
  readonly try?: number
  readonly offset?: number
  readonly limit?: number
  readonly tail?: number
  readonly follow?: boolean
  readonly search?: string
  readonly ignore_case?: boolean
  readonly max_matches?: number
}

/** What is asked, in a form in which nothing contradicts. */
export type LogQuestion =
  | {
      readonly kind: 'search'
      readonly wanted: string
      readonly ignoreCase: boolean
      readonly most: number
      readonly offset: number
    }
  | { readonly kind: 'follow'; readonly tail?: number; readonly offset: number }
  | { readonly kind: 'tail'; readonly tail: number }
  | { readonly kind: 'slice'; readonly offset: number; readonly limit?: number }

const defaultMatches = 1_000

/** Throws a sentence on what does not go together. */
export function readQuestion(query: LogQuery): LogQuestion {
  const { task, task_id, offset, limit, tail, follow = false, search } = query
  const refuse = (sentence: string): never => {
    throw new RequestInvalid(sentence)
  }
  if (task !== undefined && task_id !== undefined)
    refuse(
      'task and task_id cannot both be given: task_id names one task, task the start of the names of many',
    )
  if (task_id === undefined && (offset !== undefined || limit !== undefined))
    refuse(
      "offset and limit count bytes of one task's log: say which with task_id (GET /api/attempts/{id}/log/tries has the ids)",
    )
  if (search === undefined) {
    if (query.ignore_case !== undefined || query.max_matches !== undefined)
      refuse('ignore_case and max_matches go with search only: add search, or leave them out')
    if (tail !== undefined && (offset !== undefined || limit !== undefined))
      refuse(
        'tail cannot be given with offset or limit: tail alone answers the last lines, offset and limit a part by its bytes',
      )
    if (follow && limit !== undefined)
      refuse(
        'follow cannot be given with limit, since what is followed has no end yet: leave one of them out',
      )
    if (follow)
      return { kind: 'follow', offset: offset ?? 0, ...(tail === undefined ? {} : { tail }) }
    if (tail !== undefined) return { kind: 'tail', tail }
    return { kind: 'slice', offset: offset ?? 0, ...(limit === undefined ? {} : { limit }) }
  }
  if (follow || tail !== undefined || limit !== undefined)
    refuse(
      'search cannot be given with follow, tail or limit: it looks through what is written now, from offset on; max_matches says how many lines are answered',
    )
  if (/[\r\n]/.test(search))
    refuse('search is looked for in each line, so it cannot hold an end of a line')
  return {
    kind: 'search',
    wanted: search,
    ignoreCase: query.ignore_case ?? false,
    most: query.max_matches ?? defaultMatches,
    offset: offset ?? 0,
  }
}
