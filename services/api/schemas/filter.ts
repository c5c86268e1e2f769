import { Type } from 'typebox'
import type { AttemptStatus } from '#store/attempt-filter.ts'
import type { StartReason } from '#workflows/domain/actor.ts'

/** Query parameters by which lists are filtered. */

export const statuses: readonly AttemptStatus[] = ['running', 'success', 'error', 'killed']
export const reasons: readonly StartReason[] = ['start', 'schedule', 'backfill', 'retry', 'require']

const severalOf = (words: readonly string[], what: string) =>
  Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description: `${what}: ${words.join(', ')}; several with commas, or repeated`,
    }),
  )

const time = (what: string) =>
  Type.Optional(
    Type.String({
      description: `${what}; with an offset (2026-11-24T00:00:00+09:00), or without one (2026-11-24) and timezone beside it`,
    }),
  )

export const SessionTimeFilter = {
  session_time: time('Only of this session time'),
  session_from: time('Only of this session time or later'),
  session_to: time('Only of earlier session times'),
  timezone: Type.Optional(
    Type.String({ description: 'Of times without an offset, such as Asia/Tokyo' }),
  ),
}

export const AttemptFilter = {
  status: severalOf(statuses, 'Only attempts that are so'),
  reason: severalOf(reasons, 'Only attempts that were started for it'),
  from: time('Only what was accepted then or later'),
  to: time('Only what was accepted before'),
  ...SessionTimeFilter,
}

export const SessionFilter = {
  status: severalOf(statuses, 'Only sessions whose last attempt is so'),
  ...SessionTimeFilter,
}
