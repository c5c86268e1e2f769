import type { FastifyInstance } from 'fastify'
import { isObject, type Json } from '#workflows/domain/json.ts'

// tdworkflow makes its objects of all that an answer holds, and fails at a field that it does not know.
const exact = /^tdworkflow\//

/** What only Suiro says of an attempt, or of a schedule. */
const ours: ReadonlySet<string> = new Set([
  'temporalId',
  'disabledBy',
  'stalled',
  'reason',
  'startedBy',
  'killedBy',
  'logsRemovedAt',
  'tasksRemovedAt',
])

/** Leaves Suiro's own fields of attempts and schedules out of the answers to a client that takes Digdag's only. */
export function answerExactly(app: FastifyInstance): void {
  app.addHook('preSerialization', async ({ headers, url }, _reply, payload) => {
    if (!exact.test(headers['user-agent'] ?? '') || !url.startsWith('/api/')) return payload
    return withoutOurs(payload as Json)
  })
}

function withoutOurs(answer: Json): Json {
  if (!isObject(answer)) return answer
  for (const name of ['attempts', 'schedules']) {
    const list = answer[name]
    if (Array.isArray(list)) return { ...answer, [name]: list.map(withoutOurs) }
  }
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !ours.has(name)))
}
