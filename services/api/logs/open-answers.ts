import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Gone } from './watch.ts'

/** Answers that may take long; none of them holds up a server that stops. */
export interface OpenAnswers {
  /** An answer whose pieces are asked for one at a time, when the last one was taken. */
  stream(reply: FastifyReply, pieces: (gone: Gone) => AsyncIterable<string>): Readable
}

export function keepOpenAnswers(app: FastifyInstance): OpenAnswers {
  const open = new Set<(reason?: Error) => void>()
  app.addHook('preClose', async () => {
    // With an error the answer has no last chunk, so that its reader does not take it for whole.
    for (const end of open) end(new Error('The API stops'))
  })
  return {
    stream(reply, pieces) {
      const gone = new AbortController()
      const stream = Readable.from(pieces(gone.signal))
      const end = (reason?: Error): void => {
        gone.abort()
        stream.destroy(reason)
      }
      open.add(end)
      reply.raw.once('close', () => {
        open.delete(end)
        end()
      })
      return stream
    },
  }
}
