import type { FastifyRequest } from 'fastify'
import type { Actor } from '#workflows/domain/actor.ts'

const longestAgent = 200

/** Who sends a request, as far as it is known: the program that sends it, by its own word. */
export function actorOf({ headers }: Pick<FastifyRequest, 'headers'>): Actor {
  const agent = headers['user-agent']?.trim().slice(0, longestAgent)
  return { kind: 'user', ...(agent === undefined || agent === '' ? {} : { through: agent }) }
}
