import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ArchiveTooLarge, ContentTypeUnknown, JsonInvalid } from '../errors.ts'

/** Bodies are JSON, or for a push an archive; everything else is refused as Digdag refuses it. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    // `kill`, `enable` and `disable` come with or without a body.
    if (text === '') return done(null, {})
    try {
      done(null, JSON.parse(text as string))
    } catch (error) {
      done(new JsonInvalid(error instanceof Error ? error.message : String(error)))
    }
  })
  refuseOthers(app, 'application/json')
}

/** More than this of a body that is too large is not even read to its end. */
const mostDrained = 2 ** 30

/**
 * For the routes of one scope: the body is a tar.gz, up to a size. One that is larger is read to its end
 * before it is refused: a client that writes all before it reads would see a broken pipe, not a sentence.
 */
export function acceptArchives(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/gzip', 'application/x-gzip'],
    async (_: FastifyRequest, body: IncomingMessage) => {
      let chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes <= bodyLimit) chunks.push(chunk)
        else chunks = []
        if (bytes > mostDrained) break
      }
      if (bytes > bodyLimit) throw new ArchiveTooLarge(bodyLimit)
      return Buffer.concat(chunks)
    },
  )
  refuseOthers(app, 'application/gzip')
}

function refuseOthers(app: FastifyInstance, wanted: string): void {
  app.addContentTypeParser('*', (request, _, done) => {
    done(new ContentTypeUnknown(request.headers['content-type'] ?? '', wanted))
  })
}
